// SPDX-License-Identifier: Apache-2.0
#include "tasks/text_classification_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/io.h"
#include "base/log.h"
#include "bertune/error.h"
#include "tasks/context_question.h"
#include "tasks/softmax.h"
#include "tasks/text_data.h"
#include "tasks/text_decode.h"
#include "tasks/text_files.h"
#include "tasks/text_windows.h"
#include "text/utf8.h"

namespace bertune {
namespace {

constexpr const char* kHelp =
    R"(gives a text, or a pair of texts, one of some labels, or a number
  data     TSV, CSV or JSON lines with columns such as text, label or sentence1, sentence2, label
           (--text-column, --text-pair-column, --label-column name others); GLUE's folders
  metrics  accuracy, f1, f1_macro, matthews_correlation; of numbers pearson, spearmanr; those of
           the task for GLUE
  input    a text, or {"text": "...", "text_pair": "..."}; models of pairs take "first - second"
  example  bertune train --task text_classification --model ./bert-base-uncased
             --train-dataset ./SST-2 --eval-dataset ./SST-2 --batch-size 32 --learning-rate 2e-5
           bertune predict --input "A charming and often affecting journey.")";

constexpr int64_t kMostShownLabels = 12;  // a larger confusion table is not for a terminal

TextColumns columns_of(const DataOptions& options) {
  return {.text = options.text_column,
          .text_pair = options.text_pair_column,
          .label = options.label_column};
}

// The columns of the data that a model learned from.
TextColumns columns_of(const Reading& reading) {
  return columns_of(with_kept_columns({}, reading.columns));
}

TextData read_evaluation_data(const TaskContext& context, const EvaluateOptions& options) {
  return read_text_data(options.eval_dataset, TextPurpose::kEvaluate, columns_of(options.data),
                        columns_of(context.reading));
}

void keep_first(TextData& data, int64_t count) {
  if (count == 0 || count >= static_cast<int64_t>(data.examples.size())) return;
  data.examples.resize(static_cast<size_t>(count));
  data.places.resize(static_cast<size_t>(count));
}

// The model's labels by the names that the data has for them: somebody else's are anonymous where
// GLUE's, or numbers, are meant.
Labels labels_for(const TextData& data, const Labels& labels) {
  if (!are_anonymous(labels)) return labels;
  Labels known;
  if (data.glue != nullptr) {
    known = data.glue->labels;
  } else {
    for (size_t i = 0; i < labels.size(); ++i) known.push_back(fmt::format("{}", i));
  }
  if (known.size() != labels.size()) return labels;
  log_info("the model's labels LABEL_0, ... are taken for {}", fmt::join(known, ", "));
  return known;
}

// What the logits of a model that learns from `data` will mean.
Reading choose_reading(const TaskContext& context, const TextData& data) {
  const DataOptions options = with_kept_columns(context.data, context.reading.columns);
  Reading reading{.text_pairs = data.pairs, .columns = given_columns(options)};
  if (!context.data.labels.empty()) {
    reading.labels = given_labels(parse_labels(context.data.labels), context.reading.labels);
  } else if (!context.reading.labels.empty()) {
    reading.labels = labels_for(data, context.reading.labels);
    reading.regression = context.reading.regression;
  } else if (are_numbers(data)) {
    reading.labels = {"LABEL_0"};
    reading.regression = true;
    log_info("the labels are numbers that are not all whole: they are predicted as numbers");
  } else {
    reading.labels = find_labels(data);
  }
  if (!reading.regression && reading.labels.size() < 2) {
    throw Error(ErrorKind::kUsage, "a classifier needs at least two labels",
                "give them all, for example --labels negative,positive");
  }
  return reading;
}

// How a model's logits are read for `data`, by the names that are given or that the data has.
Reading reading_for(const DataOptions& options, const TextData& data, Reading reading) {
  if (!options.labels.empty()) {
    reading.labels = given_labels(parse_labels(options.labels), reading.labels);
  } else if (!reading.regression) {
    reading.labels = labels_for(data, reading.labels);
  }
  return reading;
}

void set_targets(const Reading& reading, const TextData& data, WindowSet& set) {
  if (reading.regression) {
    const std::vector<double> numbers = number_targets(data);
    set.target_values.assign(numbers.begin(), numbers.end());
  } else {
    set.targets = class_targets(data, reading.labels);
    set.targets_per_window = 1;
  }
}

// Hands over the logits of each example.
void ask(const TaskContext& context, const TextData& data, const Infer& infer,
         const std::function<void(size_t example, std::span<const float> logits)>& sink) {
  const WindowSet set = make_text_windows(context.tokenizer, data, context.limits.max_seq_length);
  infer(set, [&](int32_t window, std::span<const float> logits) {
    CHECK(logits.size() == std::max<size_t>(context.reading.labels.size(), 1));
    sink(static_cast<size_t>(set.windows[static_cast<size_t>(window)].example), logits);
  });
}

std::vector<LabelScore> rank(const Reading& reading, std::span<const float> logits, int64_t top_k) {
  if (!reading.regression) return rank_labels(logits, reading.labels, top_k);
  softmax(logits);  // only to refuse a number that is not finite
  return {{reading.labels.front(), double{logits.front()}}};
}

// The metrics of a data set without a GLUE task.
std::vector<TextMetric> usual_metrics(const Reading& reading) {
  using enum TextMetric;
  if (reading.regression) return {kPearson, kSpearman};
  if (reading.labels.size() == 2) return {kAccuracy, kF1, kF1Macro, kMatthews};
  return {kAccuracy, kF1Macro, kMatthews};
}

// Scores predictions of a data set, source by source.
class TextScorer {
 public:
  TextScorer(const Reading& reading, const TextData& data) : reading_(reading), data_(data) {
    metrics_ = data.glue != nullptr ? data.glue->metrics : usual_metrics(reading);
    if (reading.regression) {
      numbers_ = number_targets(data);
    } else {
      classes_ = class_targets(data, reading.labels);
    }
  }

  Metrics score(std::span<const LabelScore> predictions) const;
  std::vector<LabelScore> right_predictions() const;
  ConfusionTable confusion(std::span<const LabelScore> predictions) const;

 private:
  Metrics score_part(std::span<const LabelScore> predictions, size_t begin, size_t count) const;
  std::vector<int32_t> predicted_classes(std::span<const LabelScore> predictions) const;

  const Reading& reading_;
  const TextData& data_;
  std::vector<TextMetric> metrics_;
  std::vector<int32_t> classes_;
  std::vector<double> numbers_;
};

std::vector<int32_t> TextScorer::predicted_classes(std::span<const LabelScore> predictions) const {
  const LabelIndex index(reading_.labels);
  std::vector<int32_t> classes;
  for (const LabelScore& prediction : predictions) {
    classes.push_back(index.find(prediction.label));
    if (classes.back() >= 0) continue;
    throw Error(ErrorKind::kInput,
                "a prediction's " + describe_unknown_label(prediction.label, reading_.labels),
                "the predictions are of another data set or of a model with other labels");
  }
  return classes;
}

std::vector<LabelScore> TextScorer::right_predictions() const {
  std::vector<LabelScore> predictions;
  for (const int32_t label : classes_) {
    predictions.push_back({.label = reading_.labels[static_cast<size_t>(label)], .score = 1.0});
  }
  for (const double number : numbers_) predictions.push_back({.label = {}, .score = number});
  return predictions;
}

ConfusionTable TextScorer::confusion(std::span<const LabelScore> predictions) const {
  return count_confusion(classes_, predicted_classes(predictions),
                         static_cast<int64_t>(reading_.labels.size()));
}

Metrics TextScorer::score_part(std::span<const LabelScore> predictions, size_t begin,
                               size_t count) const {
  const auto part = predictions.subspan(begin, count);
  if (reading_.regression) {
    std::vector<double> values;
    for (const LabelScore& prediction : part) values.push_back(prediction.score);
    return score_numbers(std::span(numbers_).subspan(begin, count), values, metrics_);
  }
  const ConfusionTable table =
      count_confusion(std::span(classes_).subspan(begin, count), predicted_classes(part),
                      static_cast<int64_t>(reading_.labels.size()));
  return score_classes(table, metrics_);
}

// MNLI has two dev files, whose scores are told apart.
Metrics TextScorer::score(std::span<const LabelScore> predictions) const {
  if (data_.sources.size() == 1) return score_part(predictions, 0, predictions.size());
  Metrics metrics;
  for (size_t s = 0; s < data_.sources.size(); ++s) {
    const size_t begin = data_.sources[s].begin;
    const size_t end =
        s + 1 < data_.sources.size() ? data_.sources[s + 1].begin : predictions.size();
    const std::string suffix = data_.sources[s].path.stem().string().substr(sizeof("dev") - 1);
    for (const auto& [name, value] : score_part(predictions, begin, end - begin)) {
      metrics.emplace_back(name + suffix, value);
    }
  }
  return metrics;
}

// Writes the files that the options name, tells the confusion table, returns the metrics.
Metrics finish(const TextScorer& scorer, const Reading& reading, const EvaluateOptions& options,
               std::span<const LabelScore> predictions) {
  if (!options.predictions.empty()) {
    write_file_atomic(options.predictions, label_lines(predictions));
  }
  if (!reading.regression) {
    const ConfusionTable table = scorer.confusion(predictions);
    if (!options.confusion.empty()) {
      write_file_atomic(options.confusion, confusion_json(table, reading.labels));
    }
    if (table.labels <= kMostShownLabels) {
      log_info("how often each label was taken for each:\n{}",
               confusion_text(table, reading.labels));
    }
  }
  return scorer.score(predictions);
}

TextExample to_example(const Input& input, const Reading& reading) {
  if (const auto* pair = std::get_if<TextPair>(&input)) {
    return {.text = replace_invalid_utf8(pair->text),
            .text_pair = replace_invalid_utf8(pair->text_pair),
            .label = {}};
  }
  std::string text = replace_invalid_utf8(std::get<std::string>(input));
  if (!reading.text_pairs) return {.text = std::move(text), .text_pair = {}, .label = {}};
  auto [first, second] = split_at_dash(text, {.first = "text", .second = "text_pair"});
  return {.text = std::move(first), .text_pair = std::move(second), .label = {}};
}

bool is_pair(const Input& input, const Reading& reading) {
  return reading.text_pairs || std::holds_alternative<TextPair>(input);
}

}  // namespace

const TaskDescription& TextClassificationTask::description() const {
  static constexpr TaskDescription kDescription = {
      .name = "text_classification",
      .head = HeadKind::kSequenceClassification,
      .metric_name = "Text Classification Metric",
      .main_metric = "accuracy",
      .single_prediction = true,
      .top_k = 1,
      .recipe = {.epochs = 3,
                 .batch_size = 64,
                 .learning_rate = 5e-5,
                 .final_learning_rate = 1e-6,
                 .warmup_ratio = 0.0,
                 .max_seq_length = 128,
                 .doc_stride = 0},
      .options = {"labels", "text_column", "text_pair_column", "label_column", "predictions",
                  "score", "confusion"},
      .help = kHelp};
  return kDescription;
}

TrainingData TextClassificationTask::read_training(const TaskContext& context,
                                                   const std::filesystem::path& path,
                                                   int64_t max_examples) const {
  TextData data = read_text_data(path, TextPurpose::kTrain, columns_of(context.data),
                                 columns_of(context.reading));
  TrainingData training;
  training.reading = choose_reading(context, data);
  keep_first(data, max_examples);
  training.windows = make_text_windows(context.tokenizer, data, context.limits.max_seq_length);
  set_targets(training.reading, data, training.windows);
  training.ids = std::move(data.places);
  return training;
}

std::vector<std::string> TextClassificationTask::list_metrics(
    const TaskContext& context, const EvaluateOptions& options) const {
  const TextData data = read_evaluation_data(context, options);
  const Reading reading = reading_for(options.data, data, context.reading);
  const TextScorer scorer(reading, data);
  return names_of(scorer.score(scorer.right_predictions()));
}

Metrics TextClassificationTask::evaluate(const TaskContext& context, const EvaluateOptions& options,
                                         const Infer& infer) const {
  const TextData data = read_evaluation_data(context, options);
  const Reading reading = reading_for(options.data, data, context.reading);
  const TextScorer scorer(reading, data);
  std::vector<LabelScore> predictions(data.examples.size());
  ask(context, data, infer, [&](size_t example, std::span<const float> logits) {
    predictions[example] = rank(reading, logits, 1).front();
  });
  return finish(scorer, reading, options, predictions);
}

Metrics TextClassificationTask::score(const EvaluateOptions& options) const {
  const TextData data =
      read_text_data(options.eval_dataset, TextPurpose::kEvaluate, columns_of(options.data));
  Reading reading{.regression = are_numbers(data)};
  if (!options.data.labels.empty()) {
    reading.labels = parse_labels(options.data.labels);
  } else if (!reading.regression) {
    reading.labels = find_labels(data);
  }
  const std::vector<LabelScore> predictions = read_label_lines(options.score, data.examples.size());
  return finish(TextScorer(reading, data), reading, options, predictions);
}

void TextClassificationTask::check_input(const Input& input) const {
  if (!std::holds_alternative<ContextQuestion>(input)) return;
  throw Error(ErrorKind::kInput, "the input has context and question, not text and text_pair",
              R"(give a text, or {"text": "...", "text_pair": "..."})");
}

Predictions TextClassificationTask::predict(const TaskContext& context,
                                            std::span<const Input> inputs, int64_t top_k,
                                            const Infer& infer) const {
  Predictions predictions(inputs.size());
  for (const bool pairs : {false, true}) {  // because all windows of a set are of one kind
    TextData data;
    data.pairs = pairs;
    std::vector<size_t> places;  // of the examples among the inputs
    for (size_t i = 0; i < inputs.size(); ++i) {
      check_input(inputs[i]);
      if (is_pair(inputs[i], context.reading) != pairs) continue;
      data.examples.push_back(to_example(inputs[i], context.reading));
      places.push_back(i);
    }
    if (places.empty()) continue;
    ask(context, data, infer, [&](size_t example, std::span<const float> logits) {
      for (LabelScore& score : rank(context.reading, logits, top_k)) {
        predictions[places[example]].emplace_back(std::move(score));
      }
    });
  }
  return predictions;
}

}  // namespace bertune
