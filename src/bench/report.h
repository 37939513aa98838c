// SPDX-License-Identifier: Apache-2.0
// What all benchmarks share: a description of the machine, the useful FLOP of the work, and the
// rate of matrix products alone as a ceiling.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "batch/window.h"
#include "engine/devices.h"
#include "engine/engine.h"
#include "model/config.h"

namespace bertune {

constexpr uint64_t kBenchSeed = 42;  // of random weights, windows and words
constexpr int kCeilingRounds = 5;  // of the ceiling's probe before, between and after measurements

struct Machine {
  std::string processor;    // name reported by the system
  std::string description;  // from the engine: instruction sets, precision, threads; may be empty
  std::string precision;    // fp32 or bf16; empty if nothing is multiplied
  int threads = 0;
};
Machine describe_processor();  // without an engine
Machine describe_machine(const Engine& engine);

// The four matrix products of a layer.
std::vector<ProductShape> product_shapes(const BertConfig& config);

// The useful work for some windows, as defined in docs/performance.md. Padding does not count.
struct Work {
  int64_t windows = 0;
  int64_t tokens = 0;
  double training_flop = 0.0;   // 6 P t + 12 L h sum(s^2), plus 6 m h (h + V) for m masked words
  double inference_flop = 0.0;  // a third of training_flop
};
Work count_work(const BertConfig& config, const WindowSet& set, std::span<const int32_t> indices);

}  // namespace bertune
