// SPDX-License-Identifier: Apache-2.0
#include "tasks/task.h"

#include "formats/weights.h"
#include "model/heads/heads.h"
#include "tasks/labels.h"

namespace bertune {
Reading reading_of(const BertConfig& config, HeadKind head) {
  if (!head_of(head).labelled) return {};
  return {.labels = labels_of(config.id2label),
          .regression = head == HeadKind::kSequenceClassification && config.label_count() == 1,
          .text_pairs = config.text_pairs,
          .word_per_character = config.word_per_character,
          .columns = config.data_columns};
}

void keep_reading(const Reading& reading, BertConfig& config) {
  reading.regression ? set_regression(config) : set_labels(reading.labels, config);
  config.text_pairs = reading.text_pairs;
  config.word_per_character = reading.word_per_character;
  config.data_columns = reading.columns;
}

std::vector<std::string> names_of(const Metrics& metrics) {
  std::vector<std::string> names;
  for (const auto& metric : metrics) names.push_back(metric.first);
  return names;
}

HeadKind head_of_task(const TaskDescription& task, const ModelFiles& files) {
  const bool masked = task.head == HeadKind::kMaskedLanguageModel;
  return masked ? masked_words_head_of(files) : task.head;
}

bool is_tuned_for(const TaskDescription& task, const std::string& architecture) {
  if (architecture == architecture_of(task.head)) return true;
  return task.head == HeadKind::kMaskedLanguageModel &&
         architecture == architecture_of(HeadKind::kPreTraining);
}

std::vector<std::span<const Prediction>> split_by_mask(const std::vector<Prediction>& predictions) {
  const auto mask_of = [&](size_t i) {
    const auto* word = std::get_if<FilledMask>(&predictions[i]);
    return word != nullptr ? word->mask : 0;
  };
  const std::span<const Prediction> all(predictions);
  std::vector<std::span<const Prediction>> parts;
  size_t begin = 0;
  for (size_t i = 1; i < all.size(); ++i) {
    if (mask_of(i) == mask_of(begin)) continue;
    parts.push_back(all.subspan(begin, i - begin));
    begin = i;
  }
  parts.push_back(all.subspan(begin));
  return parts;
}

}  // namespace bertune
