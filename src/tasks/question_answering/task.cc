// SPDX-License-Identifier: Apache-2.0
#include "tasks/question_answering/task.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <utility>

#include "bertune/error.h"
#include "datasets/squad/squad.h"
#include "tasks/context_question.h"
#include "tasks/question_answering/decode.h"
#include "tasks/question_answering/metrics.h"
#include "tasks/question_answering/prediction_files.h"
#include "tasks/question_answering/windows.h"
#include "text/utf8.h"

namespace bertune {
namespace {

// Answered at a time: many passes of any model, so that the last one, which may not be full, costs
// nothing; few enough that their windows and candidates take some ten megabytes.
constexpr size_t kQuestionsInPart = 4096;

constexpr const char* kHelp =
    R"(finds the answer to a question in a context
  data     SQuAD v1.1 or v2.0 (a folder with train-v1.1.json, dev-v1.1.json), or JSON lines of
           {"id", "context", "question", "answers": {"text": [...], "answer_start": [...]}}
  metrics  exact_match, f1 of the official scripts
  input    "context - question", or {"context": "...", "question": "..."}
  example  bertune train --model ./bert-base-uncased --train-dataset ./squad --eval-dataset ./squad
           bertune predict --input "My name is Wolfgang and I live in Berlin - Where do I live?")";

std::vector<QaPrediction> answer(const TaskContext& context, const AnswerOptions& options,
                                 const SquadData& data, const Infer& infer) {
  const WindowSet windows = make_windows(context.tokenizer, data, context.limits, QaTargets::kNone);
  QaDecoder decoder(data, windows,
                    {.n_best = options.n_best,
                     .max_answer_tokens = options.max_answer_length,
                     .version2 = data.version2,
                     .null_threshold = options.null_threshold});
  std::vector<float> start, end;
  infer(windows, [&](int32_t window, std::span<const float> logits) {
    start.clear();
    end.clear();
    for (size_t i = 0; i < logits.size(); i += 2) {
      start.push_back(logits[i]);
      end.push_back(logits[i + 1]);
    }
    decoder.add_window(window, start, end);
  });
  return decoder.finish();
}

ContextQuestion read_input(const Input& input) {
  if (const auto* text = std::get_if<std::string>(&input)) {
    return split_context_question(replace_invalid_utf8(*text));
  }
  if (const auto* pair = std::get_if<ContextQuestion>(&input)) return *pair;
  throw Error(ErrorKind::kInput, "the input has text and text_pair, not a question",
              R"(give {"context": "...", "question": "..."}, or "context - question" in one text)");
}

std::vector<Prediction> best_of(const QaPrediction& prediction, int64_t top_k) {
  std::vector<Prediction> best;
  for (const QaAnswer& answer : prediction.n_best) {
    if (static_cast<int64_t>(best.size()) == top_k) break;
    best.emplace_back(Answer{answer.text, answer.score, answer.start, answer.end});
  }
  return best;
}

}  // namespace

const TaskDescription& QuestionAnsweringTask::description() const {
  static constexpr TaskDescription kDescription = {
      .name = "question_answering",
      .head = HeadKind::kQuestionAnswering,
      .metric_name = "QA Metric",
      .main_metric = "f1",
      .single_prediction = true,
      .top_k = 1,
      .recipe = {.epochs = 2,
                 .batch_size = 12,
                 .learning_rate = 3e-5,
                 .final_learning_rate = 0.0,
                 .warmup_ratio = 0.1,
                 .max_seq_length = 384,
                 .doc_stride = 128},
      .help = kHelp,
  };
  return kDescription;
}

TrainingData QuestionAnsweringTask::read_training(const TaskContext& context,
                                                  const TrainingRequest& request) const {
  SquadData data = read_squad(request.dataset, SquadPurpose::kTrain);
  const auto wanted = static_cast<size_t>(request.max_examples);
  if (wanted > 0 && wanted < data.examples.size()) data.examples.resize(wanted);
  TrainingData training;
  training.windows = make_windows(context.tokenizer, data, context.limits, QaTargets::kSpans);
  for (SquadExample& example : data.examples) training.ids.push_back(std::move(example.id));
  return training;
}

std::vector<std::string> QuestionAnsweringTask::list_metrics(const TaskContext&,
                                                             const EvaluateRequest& request) const {
  SquadStream stream(request.eval_dataset, SquadPurpose::kEvaluate);
  SquadScorer scorer(stream.version2());
  SquadData data;
  while (stream.next(kQuestionsInPart, data)) {
    scorer.add(data, std::vector<QaPrediction>(data.examples.size()));
  }
  return names_of(scorer.finish());
}

Metrics QuestionAnsweringTask::evaluate(const TaskContext& context, const EvaluateRequest& request,
                                        const Infer& infer) const {
  SquadStream stream(request.eval_dataset, SquadPurpose::kEvaluate);
  SquadScorer scorer(stream.version2());
  std::list<QaAnswerFile> files;
  if (!request.files.predictions.empty())
    files.emplace_back(request.files.predictions, QaAnswerFile::Content::kTexts);
  if (!request.files.nbest.empty())
    files.emplace_back(request.files.nbest, QaAnswerFile::Content::kNBest);
  SquadData data;
  while (stream.next(kQuestionsInPart, data)) {
    const std::vector<QaPrediction> predictions = answer(context, request.answer, data, infer);
    for (QaAnswerFile& file : files) file.add(data, predictions);
    scorer.add(data, predictions);
  }
  for (QaAnswerFile& file : files) file.close();
  return scorer.finish();
}

Metrics QuestionAnsweringTask::score(const ScoreRequest& request) const {
  const AnswerTexts predictions = read_predictions(request.predictions);
  SquadStream stream(request.eval_dataset, SquadPurpose::kEvaluate);
  SquadScorer scorer(stream.version2());
  SquadData data;
  while (stream.next(kQuestionsInPart, data)) scorer.add(data, predictions);
  return scorer.finish();
}

void QuestionAnsweringTask::check_input(const Input& input) const { read_input(input); }

Predictions QuestionAnsweringTask::predict(const TaskContext& context,
                                           const PredictRequest& request,
                                           const Infer& infer) const {
  if (*request.top_k > request.answer.n_best) {
    throw Error(ErrorKind::kUsage, fmt::format("{} is {}", option("top_k"), *request.top_k),
                fmt::format("{} must be at most {}", option("top_k"), option("n_best")));
  }
  SquadData data;
  for (const Input& input : request.inputs) {
    const ContextQuestion parts = read_input(input);
    add_question(data, std::to_string(data.examples.size()), parts.context, parts.question);
  }
  Predictions predictions;
  for (const QaPrediction& prediction : answer(context, request.answer, data, infer)) {
    predictions.push_back(best_of(prediction, *request.top_k));
  }
  return predictions;
}

}  // namespace bertune
