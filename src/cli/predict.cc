// SPDX-License-Identifier: Apache-2.0
#include "cli/predict.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "api/check_options.h"
#include "api/check_task_options.h"
#include "bertune/error.h"
#include "predict/inputs_json.h"
#include "predict/passes.h"

namespace bertune {
namespace {

// Enough to fill many passes, little enough to be held.
constexpr size_t kInputsInPart = 1024;

void predict_lines(const PredictOptions& options, const Task& task,
                   const std::function<void(const std::vector<Input>&)>& answer) {
  InputLines lines(options.file, task);
  std::vector<Input> part = lines.next(kInputsInPart);
  if (part.empty()) {
    throw Error(ErrorKind::kInput, fmt::format("'{}' has no line with an input", options.file),
                "write one JSON text or object on each line");
  }
  for (; !part.empty(); part = lines.next(kInputsInPart)) answer(part);
}

Input given_input(const PredictOptions& options) {
  if (!options.text_pair.empty()) return TextPair{options.input, options.text_pair};
  if (!options.input.empty()) return options.input;
  return ContextQuestion{options.context, options.question};
}

}  // namespace

void predict(const PredictOptions& options, const PredictionSink& sink, const FetchSink& fetching) {
  check_options(options);
  const std::filesystem::path folder =
      resolve_checkpoint(options.checkpoint, options.output_dir, fetching);
  Checkpoint checkpoint = open_checkpoint(folder, options.predictor.task);
  check_task_options(checkpoint.task->description(), options.predictor);
  LoadedModel model(std::move(checkpoint), options.predictor.compute);
  const Infer infer = model.passes();
  const TaskDescription& task = model.task().description();
  const int64_t top_k = options.top_k.value_or(task.top_k);
  const TaskContext context = model.context(options.predictor.answer);
  const auto answer = [&](const std::vector<Input>& inputs) {
    sink(model.task().predict(context, inputs, top_k, infer), is_flat(task, top_k));
  };
  if (options.file.empty()) {
    answer({given_input(options)});
  } else {
    predict_lines(options, model.task(), answer);
  }
  model.write_trace();
}

}  // namespace bertune
