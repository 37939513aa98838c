// SPDX-License-Identifier: Apache-2.0
// bertune evaluate: a checkpoint's answers to a data set, or a file of answers, and their metrics.
#include <utility>

#include "api/check_options.h"
#include "api/check_task_options.h"
#include "base/log.h"
#include "bertune/bertune.h"
#include "predict/passes.h"
#include "tasks/task.h"

namespace bertune {
namespace {

Evaluation score_file(const EvaluateOptions& options) {
  const std::unique_ptr<Task> task =
      make_task(options.task.empty() ? "question_answering" : options.task);
  check_task_options(task->description(), options);
  return {task->description().metric_name, task->score(options)};
}

}  // namespace

Evaluation evaluate(const EvaluateOptions& options, const FetchSink& fetching,
                    const EvaluateSink& evaluating) {
  check_options(options);
  if (!options.score.empty()) return score_file(options);
  const std::filesystem::path folder =
      resolve_checkpoint(options.checkpoint, options.output_dir, fetching);
  log_info("evaluating {}", folder.string());
  Checkpoint checkpoint = open_checkpoint(folder, options.task);
  check_task_options(checkpoint.task->description(), options);
  LoadedModel model(std::move(checkpoint), options.compute);
  Evaluation evaluation = evaluate(model, options, model.passes(), evaluating);
  model.write_trace();
  return evaluation;
}

}  // namespace bertune
