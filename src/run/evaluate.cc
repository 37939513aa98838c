// bertune evaluate: a checkpoint's answers to a data set, or a file of answers, and their metrics.
// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"
#include "bertune/bertune.h"
#include "run/inference.h"
#include "run/setup.h"
#include "run/task_options.h"
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

Evaluation evaluate(const EvaluateOptions& options, const FetchSink& fetching) {
  check_options(options);
  if (!options.score.empty()) return score_file(options);
  const std::filesystem::path folder =
      resolve_checkpoint(options.checkpoint, options.output_dir, fetching);
  log_info("evaluating {}", folder.string());
  LoadedModel model(open_checkpoint(folder, options.task), options.compute);
  Evaluation evaluation = evaluate(model, options, model.passes());
  model.write_trace();
  return evaluation;
}

}  // namespace bertune
