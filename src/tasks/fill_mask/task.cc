// SPDX-License-Identifier: Apache-2.0
#include "tasks/fill_mask/task.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "batch/batch.h"
#include "bertune/error.h"
#include "tasks/fill_mask/decode.h"
#include "tasks/fill_mask/windows.h"
#include "tasks/softmax.h"
#include "text/utf8.h"

namespace bertune {
namespace {

constexpr const char* kHelp =
    R"(learns which words stand where, from plain text, and fills in [MASK]
  data     text (a blank line ends a document), JSON lines of {"text": "..."}, or windows whose
           words are hidden already: {"input_ids": [...], "labels": [-100, ...]}
  metrics  loss of the hidden words, perplexity
  input    a text with one or several [MASK]
  example  bertune train --task fill_mask --model ./bert-base-uncased
             --train-dataset ./articles.txt --eval-dataset ./more-articles.txt
           bertune predict --input "Berlin is the [MASK] of Germany.")";

// The same words are hidden in every evaluation, so that its figures can be compared.
constexpr uint64_t kEvaluationKey = 42;

// Evaluated at a time: many passes of any model, and some megabytes of tokens.
constexpr size_t kWindowsInPart = 4096;

Masking masking_of(const TaskContext& context) {
  return make_masking(context.tokenizer.vocabulary(), context.masking.mask_probability,
                      context.masking.whole_word_mask);
}

// What is left to add up of all hidden words.
class LossSum {
 public:
  // [hidden words of the window, vocabulary]
  void add(const WindowSet& set, int32_t window, std::span<const float> logits) {
    pack(set, std::span(&window, 1), batch_);
    if (batch_.targets.empty()) return;
    const size_t words = logits.size() / batch_.targets.size();
    for (size_t i = 0; i < batch_.targets.size(); ++i) {
      const auto row = logits.subspan(i * words, words);
      sum_ += log_sum_exp(row) - row[static_cast<size_t>(batch_.targets[i])];
    }
    count_ += static_cast<int64_t>(batch_.targets.size());
  }

  Metrics metrics() const {
    if (count_ == 0) {
      throw Error(ErrorKind::kInput, "no word of the evaluation data is hidden",
                  "give more text, or train with a higher " + option("mask_probability"));
    }
    const double loss = sum_ / static_cast<double>(count_);
    return {{"loss", loss},
            {"perplexity", std::exp(loss)},
            {"words_total", static_cast<double>(count_)}};
  }

 private:
  Batch batch_;
  double sum_ = 0.0;
  int64_t count_ = 0;
};

bool has_mask(const std::string& text) { return text.find("[MASK]") != std::string::npos; }

// The windows of texts to be filled in; a text has to fit.
WindowSet make_windows(const TaskContext& context, const PredictRequest& request) {
  WindowSet set;
  set.special = context.tokenizer.special();
  set.predicts_words = true;
  for (const Input& input : request.inputs) {
    const auto index = static_cast<int32_t>(set.windows.size());
    std::vector<Token>& tokens = set.texts.emplace_back();
    context.tokenizer.tokenize(replace_invalid_utf8(std::get<std::string>(input)), tokens);
    const auto length = static_cast<int32_t>(tokens.size());
    if (length + 2 > context.limits.max_seq_length) {
      throw Error(
          ErrorKind::kInput,
          fmt::format("input {}: the text has {} tokens, but the model sees {}",
                      request.first_input + index, length + 2, context.limits.max_seq_length),
          "give the sentences around [MASK] only");
    }
    set.windows.push_back({.example = index, .first = index, .first_length = length});
  }
  return set;
}

}  // namespace

const TaskDescription& FillMaskTask::description() const {
  static constexpr TaskDescription kDescription = {
      .name = "fill_mask",
      .head = HeadKind::kMaskedLanguageModel,
      .metric_name = "Masked Words Metric",
      .main_metric = "loss",
      .single_prediction = false,
      .top_k = 5,
      .recipe = {.epochs = 3,
                 .batch_size = 32,
                 .learning_rate = 5e-5,
                 .final_learning_rate = 0.0,
                 .warmup_ratio = 0.1,
                 .max_seq_length = 128,
                 .doc_stride = 0},
      .help = kHelp,
  };
  return kDescription;
}

TrainingData FillMaskTask::read_training(const TaskContext& context,
                                         const TrainingRequest& request) const {
  TrainingData training;
  training.windows = read_raw_text(context.tokenizer, request.dataset, RawTextPurpose::kTrain,
                                   context.limits.max_seq_length, request.max_examples);
  if (training.windows.token_targets.empty()) {
    training.windows.masking = masking_of(context);
  }
  for (size_t w = 0; w < training.windows.windows.size(); ++w) {
    training.ids.push_back(fmt::format("window {}", w + 1));
  }
  return training;
}

std::vector<std::string> FillMaskTask::list_metrics(const TaskContext& context,
                                                    const EvaluateRequest& request) const {
  constexpr int64_t kWindows = 1;  // because text is wrong at its beginning or nowhere
  read_raw_text(context.tokenizer, request.eval_dataset, RawTextPurpose::kEvaluate,
                context.limits.max_seq_length, kWindows);
  return {"loss", "perplexity", "words_total"};
}

Metrics FillMaskTask::evaluate(const TaskContext& context, const EvaluateRequest& request,
                               const Infer& infer) const {
  Masking masking = masking_of(context);
  masking.key = kEvaluationKey;
  RawTextStream stream(context.tokenizer, request.eval_dataset, RawTextPurpose::kEvaluate,
                       context.limits.max_seq_length);
  LossSum sum;
  for (WindowSet set; stream.next(kWindowsInPart, set);) {
    if (set.token_targets.empty()) set.masking = masking;
    infer(set,
          [&](int32_t window, std::span<const float> logits) { sum.add(set, window, logits); });
    masking.first_window += set.windows.size();
  }
  return sum.metrics();
}

Metrics FillMaskTask::score(const ScoreRequest&) const {
  throw Error(ErrorKind::kUsage, "fill_mask has no predictions to score",
              "evaluate a model: its loss is the metric");
}

void FillMaskTask::check_input(const Input& input) const {
  const auto* text = std::get_if<std::string>(&input);
  if (text != nullptr && has_mask(*text)) return;
  throw Error(
      ErrorKind::kInput, text == nullptr ? "the input has two texts" : "the text has no [MASK]",
      "write [MASK], in capital letters, where a word is to be found: \"Berlin is the [MASK] "
      "of Germany.\"");
}

Predictions FillMaskTask::predict(const TaskContext& context, const PredictRequest& request,
                                  const Infer& infer) const {
  const WindowSet set = make_windows(context, request);
  Predictions predictions(request.inputs.size());
  infer(set, [&](int32_t window, std::span<const float> logits) {
    Batch batch;
    pack(set, std::span(&window, 1), batch);
    const size_t words = logits.size() / batch.masked_rows.size();
    for (size_t m = 0; m < batch.masked_rows.size(); ++m) {
      const auto row = static_cast<size_t>(batch.masked_rows[m]);
      for (FilledMask& word : fill_mask(context.tokenizer, batch.ids, row,
                                        logits.subspan(m * words, words), *request.top_k)) {
        word.mask = static_cast<int64_t>(m);
        predictions[static_cast<size_t>(window)].emplace_back(std::move(word));
      }
    }
  });
  return predictions;
}

}  // namespace bertune
