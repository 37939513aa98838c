// SPDX-License-Identifier: Apache-2.0
#include "bench/report.h"

#include <algorithm>
#include <fstream>

#include "base/compute_thread.h"

namespace bertune {
namespace {

std::string processor_name() {
  std::ifstream lines("/proc/cpuinfo");
  for (std::string line; std::getline(lines, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

// Targets that the masked language modelling head finds in a window.
double hidden_words(const WindowSet& set, int32_t window) {
  if (!set.predicts_words) return 0.0;
  if (set.masking) return set.masking->probability * (set.windows[window].length() - 2);
  const std::vector<int32_t>& targets = set.token_targets[window];
  return static_cast<double>(
      std::ranges::count_if(targets, [](int32_t target) { return target != kIgnoredTarget; }));
}

}  // namespace

Machine describe_processor() {
  return {
      .processor = processor_name(), .description = {}, .precision = {}, .threads = thread_count()};
}

Machine describe_machine(const Engine& engine) {
  Machine machine = describe_processor();
  machine.description = engine.description();
  machine.precision = name_of(engine.precision());
  return machine;
}

std::vector<ProductShape> product_shapes(const BertConfig& config) {
  const int64_t width = config.hidden_size, intermediate = config.intermediate_size;
  return {{.out = 3 * width, .in = width},
          {.out = width, .in = width},
          {.out = intermediate, .in = width},
          {.out = width, .in = intermediate}};
}

Work count_work(const BertConfig& config, const WindowSet& set, std::span<const int32_t> indices) {
  Work work{.windows = static_cast<int64_t>(indices.size())};
  double squares = 0.0, words = 0.0;
  for (const int32_t index : indices) {
    const int64_t length = set.windows[index].length();
    work.tokens += length;
    squares += static_cast<double>(length * length);
    words += hidden_words(set, index);
  }
  double weights = 0.0;  // of one layer
  for (const ProductShape& shape : product_shapes(config)) {
    weights += static_cast<double>(shape.out * shape.in);
  }
  const auto width = static_cast<double>(config.hidden_size);
  const auto layers = static_cast<double>(config.num_hidden_layers);
  work.inference_flop =
      layers * (2.0 * weights * static_cast<double>(work.tokens) + 4.0 * width * squares) +
      2.0 * words * width * (width + static_cast<double>(config.vocab_size));
  work.training_flop = 3.0 * work.inference_flop;
  return work;
}

}  // namespace bertune
