// SPDX-License-Identifier: Apache-2.0
// Implements the device contract with the kernels of this folder and owns the memory that they keep
// between calls. Every op is complete when it returns.
#include "engine/cpu/cpu_engine.h"

#include <fmt/format.h>
#include <hwy/targets.h>
#include <xmmintrin.h>

#include <cstring>

#include "base/parallel.h"
#include "engine/contract.h"
#include "engine/cpu/activation.h"
#include "engine/cpu/attention.h"
#include "engine/cpu/dot_bf16.h"
#include "engine/cpu/loss.h"
#include "engine/cpu/matmul.h"
#include "engine/cpu/narrow.h"
#include "engine/cpu/panels.h"
#include "engine/cpu/rows.h"
#include "engine/cpu/scratch.h"
#include "engine/cpu/update.h"
#include "engine/host_buffer.h"

namespace bertune {
namespace {

// Treats denormal operands and results of this thread as zero. The Adam moments of rare rows decay
// into denormals, which take a processor about a hundred times longer.
void flush_denormals() {
  constexpr unsigned kFlushToZero = 1u << 15, kDenormalsAreZero = 1u << 6;
  _mm_setcsr(_mm_getcsr() | kFlushToZero | kDenormalsAreZero);
}

// Sets the mode in every thread of the caller's pool. A thread started later inherits it from its
// creator, so once per pool size suffices.
void flush_denormals_in_pool() {
  thread_local int threads_set = 0;
  if (threads_set == thread_count()) return;
  in_every_thread(flush_denormals);
  threads_set = thread_count();
}

size_t bytes_of(const Tensor& x) { return static_cast<size_t>(x.size()) * size_of(x.dtype); }

class CpuEngine : public Engine {
 public:
  CpuEngine(DType activation, AttentionProducts attention_products)
      : activation_(activation),
        attends_in_bf16_(attention_products == AttentionProducts::kBest && cpu::has_dot_bf16()),
        matmul_(multiplied_format(activation)) {}

  std::string description() const override {
    const char* widened = activation_ == DType::kBF16 && !cpu::multiplies_bf16()
                              ? " (products in fp32, because the processor lacks AVX512-BF16)"
                              : "";
    return fmt::format("CPU, products {}, kernels {}, {}{}, {} threads", cpu::instruction_set(),
                       hwy::TargetName(best_target()),
                       activation_ == DType::kBF16 ? "bf16" : "fp32", widened, thread_count());
  }
  DTypes dtypes() const override { return {activation_, DType::kF32}; }

  std::unique_ptr<Buffer> allocate(size_t bytes) override {
    auto buffer = std::make_unique<HostBuffer>(bytes);
    cpu::zero_bytes(buffer->data(), bytes);  // by all threads: pages lie near the cores
    return buffer;
  }
  size_t reserve(int64_t rows, int64_t cols) override {
    return multiplies_panels_of_bf16() ? weight_gradient_.reserve(cols)
                                       : matmul_.reserve(activation_, rows, cols);
  }
  void upload(const void* host, Tensor out) override {
    CHECK(out.is_dense());
    if (out.size() > 0) std::memcpy(out.data, host, bytes_of(out));
  }
  void download(Tensor x, void* host) override {
    CHECK(x.is_dense());
    if (x.size() > 0) std::memcpy(host, x.data, bytes_of(x));
  }
  void zero(Tensor out) override { cpu::zero(out); }
  void synchronize() override {}

  PackedSizes packed_sizes(int64_t out, int64_t in, Purpose) const override;
  void pack(const Pack& p) override {
    enter(p);
    if (p.forward) cpu::pack_forward(p.weight, p.forward);
    if (p.backward) cpu::pack_backward(p.weight, p.backward);
  }

  void embed(const Embed& e) override {
    enter(e);
    cpu::embed(e);
  }
  void embed_backward(const EmbedBackward& e) override {
    enter(e);
    cpu::embed_backward(e);
  }
  void linear(const Linear&) override;
  void linear_backward(const LinearBackward&) override;
  void attention(const Attention& a) override {
    enter(a);
    cpu::attention(a, workspace_, attends_in_bf16_);
  }
  void attention_backward(const AttentionBackward& a) override {
    enter(a);
    cpu::attention_backward(a, workspace_, attends_in_bf16_);
  }
  void add_norm(const AddNorm& n) override {
    enter(n);
    cpu::add_norm(n, workspace_);
  }
  void add_norm_backward(const AddNormBackward& n) override {
    enter(n);
    cpu::add_norm_backward(n, workspace_);
  }
  void dropout(const DropoutRows& d) override {
    enter(d);
    cpu::dropout(d, workspace_);
  }
  void gather_rows(const GatherRows& g) override {
    enter(g);
    cpu::gather_rows(g);
  }
  void scatter_add_rows(const ScatterAddRows& s) override {
    enter(s);
    cpu::scatter_add_rows(s);
  }
  void cross_entropy(const CrossEntropy& e) override {
    enter(e);
    cpu::cross_entropy(e, workspace_);
  }
  void squared_error(const SquaredError& e) override {
    enter(e);
    cpu::squared_error(e, workspace_);
  }
  void adamw(const AdamW& a) override {
    enter(a);
    cpu::adamw(a, workspace_);
  }
  void squared_norm(Tensor x, Tensor out) override {
    CHECK(out && out.dtype == DType::kF64 && out.size() == 1);
    flush_denormals_in_pool();
    cpu::squared_norm(x, out, workspace_);
  }
  void cast(Tensor x, Tensor out) override {
    flush_denormals_in_pool();
    cpu::cast(x, out);
  }

 private:
  static DType multiplied_format(DType activation) {
    return cpu::multiplies_bf16() ? activation : DType::kF32;
  }
  static int64_t best_target() {
    const int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
    return targets & -targets;  // the lowest bit is the best target
  }

  // Whether bf16 products use our own panel kernels; with AMX, oneDNN is faster.
  bool multiplies_panels_of_bf16() const {
    return activation_ == DType::kBF16 && cpu::has_dot_bf16() && !cpu::has_amx();
  }

  template <typename Call>
  void enter(const Call& call) {
    check_contract(call, dtypes());
    flush_denormals_in_pool();
  }

  DType activation_;
  bool attends_in_bf16_;
  cpu::MatMul matmul_;
  cpu::WeightGradient weight_gradient_;
  Workspace workspace_;
};

// fp32 training uses oneDNN's products, which are as fast for many rows and need no copy of the
// weights.
PackedSizes CpuEngine::packed_sizes(int64_t out, int64_t in, Purpose purpose) const {
  const bool training = purpose == Purpose::kTraining;
  if (out <= cpu::kNarrow || (activation_ == DType::kF32 ? training : !multiplies_panels_of_bf16()))
    return {};
  return {.forward = cpu::panel_elements(activation_, in, out),
          .backward = training ? cpu::panel_elements(activation_, out, in) : 0};
}

void CpuEngine::linear(const Linear& l) {
  enter(l);
  const bool plain = l.activation == Activation::kNone;
  if (l.packed) {
    return cpu::multiply_panels({.x = l.x,
                                 .panels = l.packed,
                                 .bias = l.bias,
                                 .activation = l.activation,
                                 .pre = l.pre,
                                 .out = l.out});
  }
  if (plain && !l.pre && l.weight.rows <= cpu::kNarrow) return cpu::narrow_linear(l);
  const Tensor pre = l.pre ? l.pre : l.out;
  matmul_.forward(l.x, l.weight, l.bias, pre);
  if (!plain || l.pre) cpu::activate(l.activation, pre, l.out);
}

void CpuEngine::linear_backward(const LinearBackward& l) {
  enter(l);
  if (l.activation == Activation::kNone && !l.packed && l.weight.rows <= cpu::kNarrow) {
    return cpu::narrow_linear_backward(l, workspace_);
  }
  cpu::activate_backward(l, workspace_);
  if (l.d_x && l.packed) {
    cpu::multiply_panels({.x = l.d_out, .panels = l.packed, .bias = {}, .pre = {}, .out = l.d_x});
  } else if (l.d_x) {
    matmul_.backward_x(l.d_out, l.weight, l.d_x);
  }
  multiplies_panels_of_bf16() ? weight_gradient_.add(l.d_out, l.x, l.d_weight)
                              : matmul_.backward_weight(l.d_out, l.x, l.d_weight);
}

}  // namespace

PrecisionChoice choose_precision(Precision wanted) {
  const std::string set = cpu::instruction_set();
  if (wanted == Precision::kFp32) return {wanted, "fp32, as requested"};
  if (wanted == Precision::kBf16) {
    return {
        wanted,
        cpu::multiplies_bf16()
            ? fmt::format("bf16, as requested; {} multiplies bf16 natively", set)
            : fmt::format(
                  "bf16, as requested, although {} multiplies it as fp32 without a gain in speed",
                  set)};
  }
  return cpu::multiplies_bf16()
             ? PrecisionChoice{Precision::kBf16,
                               fmt::format("bf16, because {} multiplies bf16 natively", set)}
             : PrecisionChoice{
                   Precision::kFp32,
                   fmt::format("fp32, because {} does not multiply bf16 natively", set)};
}

std::unique_ptr<Engine> make_cpu_engine(Precision precision, AttentionProducts attention_products) {
  const bool bf16 = choose_precision(precision).precision == Precision::kBf16;
  return std::make_unique<CpuEngine>(bf16 ? DType::kBF16 : DType::kF32, attention_products);
}

}  // namespace bertune
