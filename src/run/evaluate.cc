// SPDX-License-Identifier: Apache-2.0
#include "run/evaluate.h"

#include "base/io.h"
#include "base/log.h"

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

QaDecodeOptions decode_options(const AnswerOptions& options, bool version2) {
  return {.n_best = static_cast<int32_t>(options.n_best),
          .max_answer_tokens = static_cast<int32_t>(options.max_answer_length),
          .version2 = version2,
          .null_threshold = options.null_threshold};
}

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
  const WindowSet windows =
      make_windows(checkpoint.tokenizer, data, checkpoint.limits, QaTargets::kNone);
  QaDecoder decoder(data, windows, decode_options(options.answer, data.version2));
  answer_windows(checkpoint, options.compute, windows,
                 [&](int32_t window, std::span<const float> start, std::span<const float> end) {
                   decoder.add_window(window, start, end);
                 });
  const std::vector<QaPrediction> predictions = decoder.finish();
  write_files(options, data, predictions);
  return score(data, predictions);
}

}  // namespace bertune
