// SPDX-License-Identifier: Apache-2.0
// What all benchmarks report and compare with: the machine, the work by its useful FLOP, and the
// rate of the products alone.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "batch/window.h"
#include "engine/cpu/ceiling.h"
#include "engine/engine.h"
#include "model/config.h"

namespace bertune {

struct Machine {
  std::string processor;    // the name that the system gives
  std::string description;  // the engine's: instruction sets, precision, threads; may be empty
  std::string precision;    // fp32 or bf16; empty where nothing is multiplied
  int threads = 0;
};
Machine describe_processor();  // without an engine
Machine describe_machine(const Engine& engine);

// The four products of a layer.
std::vector<ProductShape> product_shapes(const BertConfig& config);

// What windows of these lengths need, docs/performance.md; padding would not count.
struct Work {
  int64_t windows = 0;
  int64_t tokens = 0;
  double training_flop = 0.0;   // 6 P t + 12 L h sum(s^2), and 6 m h (h + V) for m hidden words
  double inference_flop = 0.0;  // a third of it
};
Work count_work(const BertConfig& config, const WindowSet& set, std::span<const int32_t> indices);

}  // namespace bertune
