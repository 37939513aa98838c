// SPDX-License-Identifier: Apache-2.0
// Masked words behind the interface of all tasks: learning from plain text, and filling in [MASK].
// The rules are in docs/tasks.md.
#pragma once

#include <filesystem>
#include <span>

#include "tasks/task.h"

namespace bertune {

class FillMaskTask : public Task {
 public:
  const TaskDescription& description() const override;
  TrainingData read_training(const TaskContext& context,
                             const TrainingRequest& request) const override;
  std::vector<std::string> list_metrics(const TaskContext& context,
                                        const EvaluateRequest& request) const override;
  Metrics evaluate(const TaskContext& context, const EvaluateRequest& request,
                   const Infer& infer) const override;
  Metrics score(const ScoreRequest& request) const override;
  void check_input(const Input& input) const override;
  Predictions predict(const TaskContext& context, const PredictRequest& request,
                      const Infer& infer) const override;
};

}  // namespace bertune
