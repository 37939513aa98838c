// SPDX-License-Identifier: Apache-2.0
// An engine that times every op of the engine it wraps, with the same results in the same memory.
// It waits for each op, so that the time belongs to that op alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/stopwatch.h"
#include "engine/engine.h"
#include "engine/trace.h"

namespace bertune {

class TraceEngine : public Engine {
 public:
  TraceEngine(std::unique_ptr<Engine> engine, size_t max_events);

  const Trace& trace() const { return trace_; }
  // Whether ops are timed, initially true. If not, a call costs one extra branch.
  void set_recording(bool recording) { recording_ = recording; }

  std::string description() const override { return engine_->description(); }
  DTypes dtypes() const override { return engine_->dtypes(); }
  std::unique_ptr<Buffer> allocate(size_t bytes) override { return engine_->allocate(bytes); }
  size_t reserve(int64_t rows, int64_t cols) override { return engine_->reserve(rows, cols); }
  void mark(const char* place, int64_t layer) override;

  void upload(const void* host, Tensor out) override;
  void download(Tensor x, void* host) override;
  void zero(Tensor out) override;
  void synchronize() override { engine_->synchronize(); }

  PackedSizes packed_sizes(int64_t out, int64_t in, Purpose purpose) const override {
    return engine_->packed_sizes(out, in, purpose);
  }
  void pack(const Pack&) override;

  void embed(const Embed&) override;
  void embed_backward(const EmbedBackward&) override;
  void linear(const Linear&) override;
  void linear_backward(const LinearBackward&) override;
  void attention(const Attention&) override;
  void attention_backward(const AttentionBackward&) override;
  void add_norm(const AddNorm&) override;
  void add_norm_backward(const AddNormBackward&) override;
  void dropout(const DropoutRows&) override;
  void gather_rows(const GatherRows&) override;
  void scatter_add_rows(const ScatterAddRows&) override;
  void cross_entropy(const CrossEntropy&) override;
  void squared_error(const SquaredError&) override;
  void adamw(const AdamW&) override;
  void squared_norm(Tensor x, Tensor out) override;
  void cast(Tensor x, Tensor out) override;

 private:
  template <typename Call, typename Cost>
  void time(const char* op, const Call& call, const Cost& cost);
  double squared_lengths(const Packing& packing);

  std::unique_ptr<Engine> engine_;
  Trace trace_;
  Stopwatch watch_;
  bool recording_ = true;
  bool in_step_ = false;
  TraceEvent step_;
  const char* place_ = "";
  int64_t layer_ = -1;
  std::vector<int32_t> offsets_;  // of the windows of a packing, on the host
};

}  // namespace bertune
