// SPDX-License-Identifier: Apache-2.0
#include "tasks/fill_mask/task.h"

#include <fmt/format.h>

#include <utility>

#include "batch/batch.h"
#include "bertune/error.h"
#include "model/heads/heads.h"
#include "tasks/fill_mask/decode.h"
#include "tasks/fill_mask/metrics.h"
#include "tasks/fill_mask/windows.h"
#include "text/utf8.h"

namespace bertune {
namespace {

constexpr const char* kHelp =
    R"(masked language modelling: trains on raw text, and predicts the words at [MASK]
  data     text (a blank line ends a document), JSON lines of {"text": "..."}, or windows that are
           masked already: {"input_ids": [...], "labels": [-100, ...]}
  metrics  loss of the masked tokens, perplexity
  input    a text with one or several [MASK])";

// The same tokens are masked in every evaluation, so that its figures can be compared.
constexpr uint64_t kEvaluationKey = 42;

// The size of a part: many passes of any model, and a few megabytes of tokens.
constexpr size_t kWindowsInPart = 4096;

Masking masking_of(const TaskContext& context) {
  return make_masking(context.tokenizer.vocabulary(), context.masking.mask_probability,
                      context.masking.whole_word_mask);
}

bool has_mask(const std::string& text) { return text.find("[MASK]") != std::string::npos; }

// The windows of the inputs. An input must fit into one.
WindowSet windows_of_inputs(const TaskContext& context, const PredictRequest& request) {
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
          "give only the sentences around [MASK]");
    }
    set.windows.push_back({.example = index, .first = index, .first_length = length});
  }
  return set;
}

RawTextWindows open_evaluation_data(const TaskContext& context, const EvaluateRequest& request) {
  RawTextWindows windows(context.tokenizer, request.eval_dataset, Split::kEvaluate,
                         context.limits.max_seq_length);
  windows.validate();
  return windows;
}

// The predictions for every [MASK] of a window, in the order of the text.
std::vector<Prediction> fill_masks(const Tokenizer& tokenizer, const WindowSet& set, int32_t window,
                                   std::span<const float> logits, const MaskChoice& choice) {
  Batch batch;
  pack(set, std::span(&window, 1), batch);
  const size_t words = logits.size() / batch.masked_rows.size();
  std::vector<Prediction> predictions;
  for (size_t m = 0; m < batch.masked_rows.size(); ++m) {
    const auto row = static_cast<size_t>(batch.masked_rows[m]);
    for (FilledMask& word :
         fill_mask(tokenizer, batch.ids, row, logits.subspan(m * words, words), choice)) {
      word.mask = static_cast<int64_t>(m);
      predictions.emplace_back(std::move(word));
    }
  }
  return predictions;
}

MaskChoice choice_of(const TaskContext& context, const PredictRequest& request, int64_t top_k) {
  MaskChoice choice{.top_k = top_k};
  if (!request.targets.empty()) choice.targets = parse_targets(context.tokenizer, request.targets);
  return choice;
}

class TextsToFill : public InputWindows {
 public:
  TextsToFill(const TaskContext& context, const PredictRequest& request, int64_t top_k)
      : tokenizer_(context.tokenizer),
        choice_(choice_of(context, request, top_k)),
        set_(windows_of_inputs(context, request)),
        predictions_(request.inputs.size()) {}

  std::span<const WindowSet> sets() const override { return std::span(&set_, 1); }
  void add(const WindowRef& window, std::span<const float> logits) override {
    predictions_[static_cast<size_t>(window.window)] =
        fill_masks(tokenizer_, set_, window.window, logits, choice_);
  }
  Predictions finish() override { return std::move(predictions_); }

 private:
  const Tokenizer& tokenizer_;
  MaskChoice choice_;
  WindowSet set_;
  Predictions predictions_;
};

class FillMaskTask : public Task {
 public:
  const TaskDescription& description() const override {
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
        .example = {.model = "./bert-base-uncased",
                    .train_dataset = "./articles.txt",
                    .eval_dataset = "./more-articles.txt",
                    .input = "Berlin is the [MASK] of Germany."},
    };
    return kDescription;
  }

  TrainingData read_training(const TaskContext& context,
                             const TrainingRequest& request) const override {
    TrainingData training;
    training.windows = read_raw_text(context.tokenizer, request.dataset, Split::kTrain,
                                     context.limits.max_seq_length, request.max_examples);
    if (training.windows.token_targets.empty()) training.windows.masking = masking_of(context);
    for (size_t w = 0; w < training.windows.windows.size(); ++w) {
      training.ids.push_back(fmt::format("window {}", w + 1));
    }
    return training;
  }

  std::vector<std::string> list_metrics(const TaskContext& context,
                                        const EvaluateRequest& request) const override {
    open_evaluation_data(context, request);
    return MaskedLoss::metric_names();
  }

  Metrics evaluate(const TaskContext& context, const EvaluateRequest& request,
                   const Infer& infer) const override {
    Masking masking = masking_of(context);
    masking.key = kEvaluationKey;
    RawTextWindows windows = open_evaluation_data(context, request);
    MaskedLoss loss;
    for (WindowSet set; windows.next(kWindowsInPart, set);) {
      if (set.token_targets.empty()) set.masking = masking;
      infer(set,
            [&](int32_t window, std::span<const float> logits) { loss.add(set, window, logits); });
      masking.first_window += set.windows.size();
    }
    return loss.metrics();
  }

  Metrics score(const ScoreRequest&) const override {
    throw Error(ErrorKind::kUsage, "fill_mask has no predictions to score",
                "evaluate a model: its loss is the metric");
  }

  void check_input(const Input& input) const override {
    const auto* text = std::get_if<std::string>(&input);
    if (text != nullptr && has_mask(*text)) return;
    throw Error(ErrorKind::kInput,
                text == nullptr ? "the input has two texts" : "the text has no [MASK]",
                "write [MASK], in capital letters, in place of a word: \"Berlin is the [MASK] of "
                "Germany.\"");
  }

  std::unique_ptr<InputWindows> prepare(const TaskContext& context,
                                        const PredictRequest& request) const override {
    return std::make_unique<TextsToFill>(context, request, top_k_of(description(), request));
  }
};

}  // namespace

std::unique_ptr<Task> make_fill_mask_task() { return std::make_unique<FillMaskTask>(); }

}  // namespace bertune
