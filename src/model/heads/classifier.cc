// SPDX-License-Identifier: Apache-2.0
#include "model/heads/classifier.h"

#include <fmt/format.h>

#include "model/heads/head.h"

namespace bertune {

void require_labels(const BertConfig& config) {
  if (config.id2label.empty()) {
    refuse_config("has no labels (\"id2label\"), which a classifier needs",
                  "use a model that was fine-tuned for classification, or fine-tune one");
  }
  const int64_t last = config.id2label.rbegin()->first;
  if (last + 1 == config.label_count()) return;
  refuse_config(
      fmt::format("has {} labels, but the highest is numbered {}", config.label_count(), last),
      "the keys of \"id2label\" must be 0, 1, 2, ...");
}

}  // namespace bertune
