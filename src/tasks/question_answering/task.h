// SPDX-License-Identifier: Apache-2.0
// Question answering behind tasks/task.h: SQuAD files, spans of the context, the official metrics.
#pragma once

#include "tasks/task.h"

namespace bertune {

class QuestionAnsweringTask : public Task {
 public:
  const TaskDescription& description() const override;
  TrainingData read_training(const TaskContext& context, const std::filesystem::path& path,
                             int64_t max_examples) const override;
  std::vector<std::string> list_metrics(const TaskContext& context,
                                        const EvaluateOptions& options) const override;
  Metrics evaluate(const TaskContext& context, const EvaluateOptions& options,
                   const Infer& infer) const override;
  Metrics score(const EvaluateOptions& options) const override;
  void check_input(const Input& input) const override;
  Predictions predict(const TaskContext& context, std::span<const Input> inputs, int64_t top_k,
                      const Infer& infer) const override;
};

}  // namespace bertune
