// SPDX-License-Identifier: Apache-2.0
#include "model/config.h"

#include <fmt/format.h>

namespace bertune {

std::optional<std::string> find_misfit(const BertConfig& config) {
  if (config.hidden_size % config.num_attention_heads != 0) {
    return fmt::format("hidden_size {} is not a multiple of num_attention_heads {}",
                       config.hidden_size, config.num_attention_heads);
  }
  if (config.pad_token_id < 0 || config.pad_token_id >= config.vocab_size) {
    return fmt::format("pad_token_id {} is outside the vocabulary of {}", config.pad_token_id,
                       config.vocab_size);
  }
  return {};
}

void set_default_labels(int64_t count, BertConfig& config) {
  config.id2label.clear();
  for (int64_t id = 0; id < count; ++id) config.id2label[id] = fmt::format("LABEL_{}", id);
}

void set_labels(std::span<const std::string> labels, BertConfig& config) {
  config.id2label.clear();
  for (const std::string& label : labels) config.id2label.emplace(config.label_count(), label);
  config.problem_type.clear();
}

void set_multi_labels(std::span<const std::string> labels, BertConfig& config) {
  set_labels(labels, config);
  config.problem_type = kMultiLabel;
}

void set_regression(BertConfig& config) {
  config.id2label = {{0, "LABEL_0"}};
  config.problem_type = kRegression;
}

}  // namespace bertune
