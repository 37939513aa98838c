// SPDX-License-Identifier: Apache-2.0
// Implements the device contract with the kernels of this folder and owns the memory that they keep
// between calls. Every op is complete when it returns.
#include "engine/cpu/cpu_engine.h"

#include <fmt/format.h>
#include <hwy/targets.h>

#include <cstring>

#include "base/parallel.h"
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
  Precision precision() const override {
    return activation_ == DType::kBF16 ? Precision::kBf16 : Precision::kFp32;
  }
  DTypes dtypes() const override { return {activation_, DType::kF32}; }

  std::unique_ptr<Buffer> allocate(size_t bytes) override {
    return std::make_unique<HostBuffer>(bytes);
  }
  size_t reserve(int64_t rows, int64_t cols) override {
    return multiplies_panels_of_bf16() ? weight_gradient_.reserve(cols)
                                       : matmul_.reserve(activation_, rows, cols);
  }
  void synchronize() override {}
  PackedSizes packed_sizes(int64_t out, int64_t in, Purpose) const override;

 private:
  // On the compute thread, because the modes of the caller's thread are its own.
  void compute(const AnyOp& op) override {
    on_compute_thread([&] {
      const WithOpenMp with(uses_onednn_);
      std::visit([&](const auto* one) { run(*one); }, op);
    });
  }

  // The kernels, but for the ops below, which choose between several.
  template <typename Op>
  void run(const Op& op) {
    cpu::run(op, workspace_);
  }
  void run(const Upload& u) { cpu::copy_bytes(u.host, u.out.data, bytes_of(u.out)); }
  void run(const Download& d) { cpu::copy_bytes(d.x.data, d.host, bytes_of(d.x)); }
  void run(const Pack& p) {
    if (p.forward) cpu::pack_forward(p.weight, activation_, p.forward);
    if (p.backward) cpu::pack_backward(p.weight, p.backward);
  }
  void run(const Attention& a) {
    CHECK(!a.out_int8);
    cpu::attention(a, workspace_, attends_in_bf16_);
  }
  void run(const AttentionBackward& a) { cpu::attention_backward(a, workspace_, attends_in_bf16_); }
  void run(const Linear&);
  void run(const LinearBackward&);

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

  // The products by oneDNN. From their first use, all ops run on the threads that oneDNN uses.
  cpu::MatMul& onednn() {
    uses_onednn_ = true;
    return matmul_;
  }

  DType activation_;
  bool attends_in_bf16_;
  bool uses_onednn_ = false;
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
  return {.forward = cpu::panel_bytes(activation_, in, out),
          .backward = training ? cpu::panel_bytes(activation_, out, in) : 0};
}

void CpuEngine::run(const Linear& l) {
  CHECK(!l.x_int8);  // this engine has no int8 kernels
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
  onednn().forward(l.x, l.weight, l.bias, pre);
  if (!plain || l.pre) cpu::activate(l.activation, pre, l.out);
}

void CpuEngine::run(const LinearBackward& l) {
  if (l.activation == Activation::kNone && !l.packed && l.weight.rows <= cpu::kNarrow) {
    return cpu::narrow_linear_backward(l, workspace_);
  }
  cpu::activate_backward(l, workspace_);
  if (l.d_x && l.packed) {
    cpu::multiply_panels({.x = l.d_out, .panels = l.packed, .bias = {}, .pre = {}, .out = l.d_x});
  } else if (l.d_x) {
    onednn().backward_x(l.d_out, l.weight, l.d_x);
  }
  multiplies_panels_of_bf16() ? weight_gradient_.add(l.d_out, l.x, l.d_weight)
                              : onednn().backward_weight(l.d_out, l.x, l.d_weight);
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
