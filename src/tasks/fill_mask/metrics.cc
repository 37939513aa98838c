// SPDX-License-Identifier: Apache-2.0
#include "tasks/fill_mask/metrics.h"

#include <array>
#include <cmath>

#include "bertune/error.h"
#include "tasks/logits.h"
#include "tasks/task.h"

namespace bertune {

std::vector<std::string> MaskedLoss::metric_names() {
  return {"loss", "perplexity", "words_total"};
}

void MaskedLoss::add(const WindowSet& set, int32_t window, std::span<const float> logits) {
  pack(set, std::span(&window, 1), batch_);
  if (batch_.targets.empty()) return;
  const size_t words = logits.size() / batch_.targets.size();
  for (size_t i = 0; i < batch_.targets.size(); ++i) {
    const auto row = logits.subspan(i * words, words);
    sum_ += log_sum_exp(row) - row[static_cast<size_t>(batch_.targets[i])];
  }
  count_ += static_cast<int64_t>(batch_.targets.size());
}

Metrics MaskedLoss::metrics() const {
  if (count_ == 0) {
    throw Error(ErrorKind::kInput, "no word of the evaluation data is hidden",
                "give more text, or train with a higher " + option("mask_probability"));
  }
  const double loss = sum_ / static_cast<double>(count_);
  return with_names(metric_names(), std::array{loss, std::exp(loss), static_cast<double>(count_)});
}

}  // namespace bertune
