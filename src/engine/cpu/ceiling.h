// SPDX-License-Identifier: Apache-2.0
// The rate that matrix products alone reach on this machine, as a ceiling for whole steps: oneDNN's
// own products in the engine's precision on all threads, and nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace bertune {

// A weight [out, in].
struct ProductShape {
  int64_t out, in;
};

enum class CeilingKind { kTraining, kInference };  // with or without the two backward products

// FLOP per second over all shapes, each weighted by its FLOP.
struct Ceiling {
  double forward = 0.0;
  double backward_x = 0.0, backward_weight = 0.0;  // 0 for kInference

  // The harmonic mean of the three products, because a step computes all of them with the same FLOP
  // each.
  double training() const { return 3.0 / (1.0 / forward + backward()); }
  double backward_mean() const { return 2.0 / backward(); }

 private:
  double backward() const { return 1.0 / backward_x + 1.0 / backward_weight; }
};

// Measures in rounds that are spread over the work they are compared with, because a machine's
// speed drifts. The result is the median of all rounds.
class CeilingProbe {
 public:
  static constexpr int64_t kRows = 2048;

  // `bf16`: the engine's activations are bf16. Builds the kernels.
  CeilingProbe(bool bf16, std::vector<ProductShape> shapes, CeilingKind kind);
  ~CeilingProbe();
  CeilingProbe(const CeilingProbe&) = delete;
  CeilingProbe& operator=(const CeilingProbe&) = delete;

  void measure(int rounds = 1);  // each round computes every product once
  Ceiling medians() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bertune
