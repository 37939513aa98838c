// SPDX-License-Identifier: Apache-2.0
// The loss over all masked tokens of a dataset, summed window by window in double, and its
// perplexity.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "batch/batch.h"
#include "batch/window.h"
#include "bertune/results.h"

namespace bertune {

class MaskedLoss {
 public:
  // "loss", "perplexity", "words_total"
  static std::vector<std::string> metric_names();

  // Adds the masked tokens of a window; logits: [masked tokens, vocabulary].
  void add(const WindowSet& set, int32_t window, std::span<const float> logits);

  // Throws Error{kInput} if no token was masked.
  Metrics metrics() const;

 private:
  Batch batch_;
  double sum_ = 0.0;
  int64_t count_ = 0;
};

}  // namespace bertune
