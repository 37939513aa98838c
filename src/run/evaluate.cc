// SPDX-License-Identifier: Apache-2.0
#include "run/evaluate.h"

#include "base/io.h"
#include "base/log.h"
#include "run/inference.h"
#include "run/setup.h"
#include "tasks/question_answering.h"

namespace bertune {
namespace {

void write_files(const EvaluateOptions& options, const SquadData& data,
                 const std::vector<QaPrediction>& predictions) {
  if (!options.predictions.empty()) {
    write_file_atomic(options.predictions, predictions_json(data, predictions));
  }
  if (!options.nbest.empty()) write_file_atomic(options.nbest, n_best_json(data, predictions));
}

}  // namespace

Metrics evaluate(const EvaluateOptions& options) {
  check_options(options);
  if (!options.score.empty()) {
    const AnswerTexts predictions = read_predictions(options.score);
    return score(read_squad(options.eval_dataset, SquadPurpose::kEvaluate), predictions);
  }
  const Checkpoint checkpoint =
      open_checkpoint(resolve_checkpoint(options.checkpoint, options.output_dir));
  log_info("evaluating {}", checkpoint.folder.string());
  const SquadData data = read_squad(options.eval_dataset, SquadPurpose::kEvaluate);
  const std::vector<QaPrediction> predictions =
      answer_questions(checkpoint, options.compute, data, options.answer);
  write_files(options, data, predictions);
  return score(data, predictions);
}

}  // namespace bertune
