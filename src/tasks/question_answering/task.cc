// SPDX-License-Identifier: Apache-2.0
#include "tasks/question_answering/task.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <utility>

#include "bertune/error.h"
#include "datasets/squad/reader.h"
#include "model/heads/heads.h"
#include "tasks/context_question.h"
#include "tasks/question_answering/decode.h"
#include "tasks/question_answering/metrics.h"
#include "tasks/question_answering/prediction_files.h"
#include "tasks/question_answering/windows.h"
#include "text/python_text.h"
#include "text/utf8.h"

namespace bertune {
namespace {

// The size of a part: many passes of any model, so that a last pass that is not full costs little,
// and some ten megabytes of windows and candidates.
constexpr size_t kQuestionsInPart = 4096;

constexpr const char* kHelp =
    R"(finds the answer to a question in a context
  data     SQuAD v1.1 or v2.0 (a folder with train-v1.1.json, dev-v1.1.json), or JSON lines of
           {"id", "context", "question", "answers": {"text": [...], "answer_start": [...]}}
  metrics  exact_match, f1 of the official scripts; by characters, as in CMRC 2018, for answers
           in Chinese (answer_units)
  input    "context - question", or {"context": "...", "question": "..."})";

bool has_unanswered(const SquadData& data) {
  return std::any_of(data.examples.begin(), data.examples.end(),
                     [](const SquadExample& example) { return example.answers.empty(); });
}

QaDecodeOptions decode_options(const AnswerOptions& options, bool version2) {
  return {.n_best = options.n_best,
          .max_answer_tokens = options.max_answer_length,
          .version2 = version2,
          .null_threshold = options.null_threshold.value_or(0.0)};
}

// A decoder that takes the two logits of each token as the model returns them.
class PairDecoder {
 public:
  PairDecoder(const SquadData& data, const WindowSet& windows, const QaDecodeOptions& options)
      : decoder_(data, windows, options) {}

  void add_window(int32_t window, std::span<const float> logits) {
    start_.clear();
    end_.clear();
    for (size_t i = 0; i < logits.size(); i += 2) {
      start_.push_back(logits[i]);
      end_.push_back(logits[i + 1]);
    }
    decoder_.add_window(window, start_, end_);
  }
  std::vector<QaPrediction> finish() const { return decoder_.finish(); }

 private:
  QaDecoder decoder_;
  std::vector<float> start_, end_;
};

std::vector<QaPrediction> answer(const TaskContext& context, const SquadData& data,
                                 const QaDecodeOptions& options, const Infer& infer) {
  const WindowSet windows = make_windows(context.tokenizer, data, context.limits, QaTargets::kNone);
  PairDecoder decoder(data, windows, options);
  infer(windows,
        [&](int32_t window, std::span<const float> logits) { decoder.add_window(window, logits); });
  return decoder.finish();
}

void require_text(const std::string& side, const char* name) {
  if (!python_strip(replace_invalid_utf8(side)).empty()) return;
  throw Error(ErrorKind::kInput, fmt::format("the {} is empty", name),
              R"(give both texts: {"context": "...", "question": "..."})");
}

ContextQuestion read_input(const Input& input) {
  if (const auto* text = std::get_if<std::string>(&input)) {
    return split_context_question(replace_invalid_utf8(*text));
  }
  if (const auto* pair = std::get_if<ContextQuestion>(&input)) {
    require_text(pair->context, "context");
    require_text(pair->question, "question");
    return *pair;
  }
  throw Error(ErrorKind::kInput, "the input has text and text_pair, not a question",
              R"(give {"context": "...", "question": "..."}, or "context - question" in one text)");
}

// A model that never saw a question without an answer has no meaningful null score, so that an
// empty answer is given only if the caller names a threshold.
bool has_empty_answers(const TaskContext& context, const AnswerOptions& options) {
  return context.reading.empty_answers || options.null_threshold.has_value();
}

Answer to_answer(const QaAnswer& answer) {
  return {answer.text, answer.score, answer.start, answer.end};
}

// The answer, then the other candidates: the threshold, not the score, decides between the empty
// answer and the best text.
std::vector<Prediction> best_of(const QaPrediction& prediction, int64_t top_k) {
  std::vector<Prediction> best{to_answer(prediction.answer)};
  for (const QaAnswer& other : prediction.n_best) {
    if (static_cast<int64_t>(best.size()) == top_k) break;
    if (other.text != prediction.answer.text) best.emplace_back(to_answer(other));
  }
  return best;
}

SquadData to_questions(std::span<const Input> inputs) {
  SquadData data;
  for (const Input& input : inputs) {
    const ContextQuestion parts = read_input(input);
    add_question(data, std::to_string(data.examples.size()), parts.context, parts.question);
  }
  return data;
}

class Questions : public InputWindows {
 public:
  Questions(const TaskContext& context, const PredictRequest& request, int64_t top_k)
      : top_k_(top_k),
        data_(to_questions(request.inputs)),
        set_(make_windows(context.tokenizer, data_, context.limits, QaTargets::kNone)),
        decoder_(data_, set_,
                 decode_options(request.answer, has_empty_answers(context, request.answer))) {}

  std::span<const WindowSet> sets() const override { return std::span(&set_, 1); }
  void add(const WindowRef& window, std::span<const float> logits) override {
    decoder_.add_window(window.window, logits);
  }
  Predictions finish() override {
    Predictions predictions;
    for (const QaPrediction& prediction : decoder_.finish()) {
      predictions.push_back(best_of(prediction, top_k_));
    }
    return predictions;
  }

 private:
  int64_t top_k_;
  SquadData data_;
  WindowSet set_;
  PairDecoder decoder_;
};

std::list<QaAnswerFile> open_files(const EvaluateFiles& names) {
  using Content = QaAnswerFile::Content;
  std::list<QaAnswerFile> files;
  if (!names.predictions.empty()) files.emplace_back(names.predictions, Content::kTexts);
  if (!names.nbest.empty()) files.emplace_back(names.nbest, Content::kNBest);
  return files;
}

class QuestionAnsweringTask : public Task {
 public:
  const TaskDescription& description() const override {
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
        .example = {.model = "./bert-base-uncased",
                    .train_dataset = "./squad",
                    .eval_dataset = "./squad",
                    .input = "My name is Wolfgang and I live in Berlin - Where do I live?"},
    };
    return kDescription;
  }

  TrainingData read_training(const TaskContext& context,
                             const TrainingRequest& request) const override {
    SquadData data = SquadStream(request.dataset, Split::kTrain).read_all().data;
    const auto wanted = static_cast<size_t>(request.max_examples);
    if (wanted > 0 && wanted < data.examples.size()) data.examples.resize(wanted);
    TrainingData training;
    // Kept when training continues on answered questions alone, because it is not unlearned.
    training.reading.empty_answers = context.reading.empty_answers || has_unanswered(data);
    training.windows = make_windows(context.tokenizer, data, context.limits, QaTargets::kSpans);
    for (SquadExample& example : data.examples) training.ids.push_back(std::move(example.id));
    return training;
  }

  std::vector<std::string> list_metrics(const TaskContext&,
                                        const EvaluateRequest& request) const override {
    return metric_names(SquadStream(request.eval_dataset, Split::kEvaluate).validate(),
                        Predicted::kAnswers);
  }

  Metrics evaluate(const TaskContext& context, const EvaluateRequest& request,
                   const Infer& infer) const override {
    SquadStream stream(request.eval_dataset, Split::kEvaluate);
    const SquadInfo info = stream.validate();
    const QaDecodeOptions options = decode_options(request.answer, info.version2);
    SquadScorer scorer(info, Predicted::kAnswers, choose_units(request.data.answer_units, info));
    std::list<QaAnswerFile> files = open_files(request.files);
    for (SquadData data; stream.next(kQuestionsInPart, data);) {
      const std::vector<QaPrediction> predictions = answer(context, data, options, infer);
      for (QaAnswerFile& file : files) file.add(data, predictions);
      scorer.add(data, predictions);
    }
    for (QaAnswerFile& file : files) file.close();
    return scorer.finish();
  }

  Metrics score(const ScoreRequest& request) const override {
    const AnswerTexts predictions = read_predictions(request.predictions);
    SquadStream stream(request.eval_dataset, Split::kEvaluate);
    const SquadInfo info = stream.validate();
    SquadScorer scorer(info, Predicted::kTexts, choose_units(request.data.answer_units, info));
    for (SquadData data; stream.next(kQuestionsInPart, data);) scorer.add(data, predictions);
    return scorer.finish();
  }

  void check_input(const Input& input) const override { read_input(input); }

  std::unique_ptr<InputWindows> prepare(const TaskContext& context,
                                        const PredictRequest& request) const override {
    const int64_t top_k = top_k_of(description(), request);
    if (top_k > request.answer.n_best) {
      throw Error(ErrorKind::kUsage, fmt::format("{} is {}", option("top_k"), top_k),
                  fmt::format("{} must be at most {}", option("top_k"), option("n_best")));
    }
    return std::make_unique<Questions>(context, request, top_k);
  }
};

}  // namespace

std::unique_ptr<Task> make_question_answering_task() {
  return std::make_unique<QuestionAnsweringTask>();
}

}  // namespace bertune
