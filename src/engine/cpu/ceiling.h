// SPDX-License-Identifier: Apache-2.0
// The rate that a machine's matrix products reach by themselves, against which whole steps are
// measured: oneDNN's own products, in the engine's precision, on all threads, and nothing around
// them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace bertune {

// A weight [out, in].
struct ProductShape {
  int64_t out, in;
};

enum class CeilingKind { kTraining, kInference };  // with the two products of the backward, or not

// FLOP a second over all shapes, each weighted by its FLOP.
struct Ceiling {
  double forward = 0.0;
  double backward_x = 0.0, backward_weight = 0.0;  // 0 for kInference

  // A step computes all three, each with as many FLOP: their harmonic mean.
  double training() const { return 3.0 / (1.0 / forward + backward()); }
  double backward_mean() const { return 2.0 / backward(); }

 private:
  double backward() const { return 1.0 / backward_x + 1.0 / backward_weight; }
};

// Machines drift while one measures, so rounds are to be spread over the work that they are
// compared with; the medians of all rounds count.
class CeilingProbe {
 public:
  static constexpr int64_t kRows = 2048;

  // `bf16`: the activations of the engine. Builds the kernels.
  CeilingProbe(bool bf16, std::vector<ProductShape> shapes, CeilingKind kind);
  ~CeilingProbe();
  CeilingProbe(const CeilingProbe&) = delete;
  CeilingProbe& operator=(const CeilingProbe&) = delete;

  void measure(int rounds = 1);  // every product once in each round
  Ceiling medians() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bertune
