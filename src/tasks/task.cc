// SPDX-License-Identifier: Apache-2.0
#include "tasks/task.h"

#include "base/check.h"
#include "formats/weights.h"
#include "model/heads/heads.h"
#include "tasks/labels.h"

namespace bertune {

Reading reading_of(const BertConfig& config, HeadKind head) {
  if (!head_of(head).labelled) return {.empty_answers = config.empty_answers};
  const bool of_texts = head == HeadKind::kSequenceClassification;
  const bool number = of_texts && config.label_count() == 1 && !config.multi_label();
  return {.labels = labels_of(config.id2label),
          .regression = number,
          .multi_label = of_texts && config.multi_label(),
          .sigmoid_score = number && config.problem_type != kRegression,
          .text_pairs = config.text_pairs,
          .word_per_character = config.word_per_character,
          .columns = config.data_columns};
}

void keep_reading(const Reading& reading, BertConfig& config) {
  if (reading.regression) {
    set_regression(config);
  } else if (reading.multi_label) {
    set_multi_labels(reading.labels, config);
  } else {
    set_labels(reading.labels, config);
  }
  config.text_pairs = reading.text_pairs;
  config.word_per_character = reading.word_per_character;
  config.empty_answers = reading.empty_answers;
  config.data_columns = reading.columns;
}

int64_t top_k_of(const TaskDescription& task, const PredictRequest& request) {
  return request.top_k.value_or(task.top_k);
}

Predictions predict(const Task& task, const TaskContext& context, const PredictRequest& request,
                    const Infer& infer) {
  const std::unique_ptr<InputWindows> inputs = task.prepare(context, request);
  for (const WindowSet& set : inputs->sets()) {
    infer(set, [&](int32_t window, std::span<const float> logits) {
      inputs->add({&set, window}, logits);
    });
  }
  return inputs->finish();
}

std::vector<std::string> names_of(const Metrics& metrics) {
  std::vector<std::string> names;
  for (const auto& metric : metrics) names.push_back(metric.first);
  return names;
}

Metrics with_names(const std::vector<std::string>& names, std::span<const double> values) {
  CHECK(names.size() == values.size());
  Metrics metrics;
  for (size_t i = 0; i < names.size(); ++i) metrics.emplace_back(names[i], values[i]);
  return metrics;
}

HeadKind head_of_task(const TaskDescription& task, const ModelFiles& files) {
  const bool masked = task.head == HeadKind::kMaskedLanguageModel;
  return masked ? masked_words_head_of(files) : task.head;
}

bool is_tuned_for(const TaskDescription& task, const std::string& architecture) {
  const std::optional<HeadKind> head = head_of_architecture(architecture);
  return head == task.head ||
         (task.head == HeadKind::kMaskedLanguageModel && head == HeadKind::kPreTraining);
}

}  // namespace bertune
