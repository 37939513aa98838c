// SPDX-License-Identifier: Apache-2.0
#include "datasets/table/glue.h"

#include <algorithm>

namespace bertune {
namespace {

using enum TextMetric;

const std::vector<GlueTask>& glue_tasks() {
  static const std::vector<std::string> kZeroOne{"0", "1"};
  static const std::vector<std::string> kEntailment{"entailment", "not_entailment"};
  static const std::vector<std::string> kInference{"entailment", "neutral", "contradiction"};
  static const std::vector<GlueTask> kTasks{
      {.name = "CoLA",
       .text = "4",
       .label = "2",
       .written = kZeroOne,
       .labels = {"unacceptable", "acceptable"},
       .metrics = {kMatthews}},
      {.name = "SST-2",
       .text = "sentence",
       .label = "label",
       .columns = 2,
       .written = kZeroOne,
       .labels = {"negative", "positive"},
       .metrics = {kAccuracy}},
      {.name = "MRPC",
       .text = "#1 String",
       .text_pair = "#2 String",
       .label = "Quality",
       .others = {"#1 ID", "#2 ID"},
       .written = kZeroOne,
       .labels = {"not_equivalent", "equivalent"},
       .metrics = {kAccuracy, kF1}},
      {.name = "QQP",
       .text = "question1",
       .text_pair = "question2",
       .label = "is_duplicate",
       .others = {"qid1", "qid2"},
       .written = kZeroOne,
       .labels = {"not_duplicate", "duplicate"},
       .metrics = {kAccuracy, kF1}},
      {.name = "STS-B",
       .text = "sentence1",
       .text_pair = "sentence2",
       .label = "score",
       .others = {"genre", "old_index"},
       .written = {},
       .labels = {},
       .metrics = {kPearson, kSpearman}},
      {.name = "MNLI",
       .text = "sentence1",
       .text_pair = "sentence2",
       .label = "gold_label",
       .others = {"promptID", "genre"},
       .written = kInference,
       .labels = kInference,
       .metrics = {kAccuracy}},
      {.name = "QNLI",
       .text = "question",
       .text_pair = "sentence",
       .label = "label",
       .others = {"index"},
       .columns = 4,
       .written = kEntailment,
       .labels = kEntailment,
       .metrics = {kAccuracy}},
      {.name = "RTE",
       .text = "sentence1",
       .text_pair = "sentence2",
       .label = "label",
       .others = {"index"},
       .columns = 4,
       .written = kEntailment,
       .labels = kEntailment,
       .metrics = {kAccuracy}},
      {.name = "WNLI",
       .text = "sentence1",
       .text_pair = "sentence2",
       .label = "label",
       .others = {"index"},
       .columns = 4,
       .written = kZeroOne,
       .labels = kZeroOne,
       .metrics = {kAccuracy}},
  };
  return kTasks;
}

bool contains(std::span<const std::string> values, std::string_view value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool is_cola(std::span<const std::string> row) {
  return row.size() == 4 && (row[1] == "0" || row[1] == "1") && (row[2].empty() || row[2] == "*");
}

bool fits(const GlueTask& task, std::span<const std::string> header,
          std::span<const std::string> row) {
  if (!task.has_header()) return is_cola(header);
  if (task.columns != 0 && header.size() != task.columns) return false;
  std::vector<std::string> wanted = task.others;
  wanted.insert(wanted.end(), {task.text, task.label});
  if (*task.text_pair != '\0') wanted.emplace_back(task.text_pair);
  const bool named = std::all_of(wanted.begin(), wanted.end(),
                                 [&](const std::string& name) { return contains(header, name); });
  if (!named) return false;
  const size_t label = std::find(header.begin(), header.end(), task.label) - header.begin();
  return task.written.empty() || (label < row.size() && contains(task.written, row[label]));
}

}  // namespace

const GlueTask* recognize_glue(std::span<const std::string> first,
                               std::span<const std::string> second) {
  for (const GlueTask& task : glue_tasks()) {
    if (fits(task, first, second)) return &task;
  }
  return nullptr;
}

}  // namespace bertune
