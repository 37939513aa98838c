// SPDX-License-Identifier: Apache-2.0
#include "tasks/text_classification/task.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/io.h"
#include "base/log.h"
#include "bertune/error.h"
#include "datasets/table/table.h"
#include "tasks/context_question.h"
#include "tasks/softmax.h"
#include "tasks/text_classification/decode.h"
#include "tasks/text_classification/prediction_files.h"
#include "tasks/text_classification/scorer.h"
#include "tasks/text_classification/windows.h"
#include "text/utf8.h"

namespace bertune {
namespace {

constexpr const char* kHelp =
    R"(gives a text, or a pair of texts, one of some labels, or a number
  data     TSV, CSV or JSON lines with columns such as text, label or sentence1, sentence2, label
           (text_column, text_pair_column, label_column name others); GLUE's folders
  metrics  accuracy, f1, f1_macro, matthews_correlation; of numbers pearson, spearmanr; those of
           the task for GLUE
  input    a text, or {"text": "...", "text_pair": "..."}; models of pairs take "first - second"
  example  bertune train --task text_classification --model ./bert-base-uncased
             --train-dataset ./SST-2 --eval-dataset ./SST-2 --batch-size 32 --learning-rate 2e-5
           bertune predict --input "A charming and often affecting journey.")";

constexpr int64_t kMostShownLabels = 12;  // a larger confusion table is not for a terminal

// Evaluated at a time: many passes of any model, so that the last one, which may not be full, costs
// nothing; few enough that their tokens take a few megabytes.
constexpr size_t kExamplesInPart = 4096;

TextColumns columns_of(const DataOptions& options) {
  return {.text = options.text_column,
          .text_pair = options.text_pair_column,
          .label = options.label_column};
}

// The columns of the data that a model learned from.
TextColumns columns_of(const Reading& reading) {
  return columns_of(with_kept_columns({}, reading.columns));
}

TextStream open_evaluation_data(const TaskContext& context, const EvaluateRequest& request) {
  return {request.eval_dataset, TextPurpose::kEvaluate, columns_of(request.data),
          columns_of(context.reading)};
}

void keep_first(TextData& data, int64_t count) {
  if (count == 0 || count >= static_cast<int64_t>(data.examples.size())) return;
  data.examples.resize(static_cast<size_t>(count));
  data.places.resize(static_cast<size_t>(count));
}

// The model's labels by the names that the data has for them: somebody else's are anonymous where
// GLUE's, or numbers, are meant.
Labels labels_for(const GlueTask* glue, const Labels& labels) {
  if (!are_anonymous(labels)) return labels;
  Labels known;
  if (glue != nullptr) {
    known = glue->labels;
  } else {
    for (size_t i = 0; i < labels.size(); ++i) known.push_back(fmt::format("{}", i));
  }
  if (known.size() != labels.size()) return labels;
  log_info("the model's labels LABEL_0, ... are taken for {}", fmt::join(known, ", "));
  return known;
}

// What the logits of a model that learns from `data` will mean.
Reading choose_reading(const TaskContext& context, const DataOptions& given, const TextData& data) {
  const DataOptions options = with_kept_columns(given, context.reading.columns);
  Reading reading{.text_pairs = data.pairs, .columns = given_columns(options)};
  if (!given.labels.empty()) {
    reading.labels = given_labels(parse_labels(given.labels), context.reading.labels);
  } else if (!context.reading.labels.empty()) {
    reading.labels = labels_for(data.glue, context.reading.labels);
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
                "give them all, for example " + option("labels", "negative,positive"));
  }
  return reading;
}

// How a model's logits are read for data of `glue`, by the names that are given or that it has.
Reading reading_for(const DataOptions& options, const GlueTask* glue, Reading reading) {
  if (!options.labels.empty()) {
    reading.labels = given_labels(parse_labels(options.labels), reading.labels);
  } else if (!reading.regression) {
    reading.labels = labels_for(glue, reading.labels);
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

// Says what is wrong with the labels before any work begins.
void check_labels(TextStream& stream, const Reading& reading) {
  for (TextData data; stream.next(kExamplesInPart, data);) {
    if (reading.regression) {
      number_targets(data);
    } else {
      class_targets(data, reading.labels);
    }
  }
  stream.rewind();
}

// Hands over the logits of each example.
void ask(const WindowSet& set, const Reading& reading, const Infer& infer,
         const std::function<void(size_t example, std::span<const float> logits)>& sink) {
  infer(set, [&](int32_t window, std::span<const float> logits) {
    CHECK(logits.size() == std::max<size_t>(reading.labels.size(), 1));
    sink(static_cast<size_t>(set.windows[static_cast<size_t>(window)].example), logits);
  });
}

std::vector<LabelScore> rank(const Reading& reading, std::span<const float> logits, int64_t top_k) {
  if (!reading.regression) return rank_labels(logits, reading.labels, top_k);
  softmax(logits);  // only to refuse a number that is not finite
  return {{reading.labels.front(), double{logits.front()}}};
}

// The best prediction of each example.
std::vector<LabelScore> answer(const WindowSet& set, const Reading& reading, const Infer& infer) {
  std::vector<LabelScore> predictions(set.windows.size());
  ask(set, reading, infer, [&](size_t example, std::span<const float> logits) {
    predictions[example] = rank(reading, logits, 1).front();
  });
  return predictions;
}

// The predictions that are all right.
std::vector<LabelScore> gold_predictions(const TextData& data, const Reading& reading) {
  std::vector<LabelScore> predictions;
  if (reading.regression) {
    for (const double number : number_targets(data)) predictions.push_back({{}, number});
  } else {
    for (const TextExample& example : data.examples) predictions.push_back({example.label, 1.0});
  }
  return predictions;
}

// Writes and tells the confusion table, returns the metrics.
Metrics finish(const TextScorer& scorer, const Reading& reading, const std::string& confusion) {
  if (reading.regression) return scorer.metrics();
  const ConfusionTable table = scorer.confusion();
  if (!confusion.empty()) {
    write_file_atomic(confusion, confusion_json(table, reading.labels));
  }
  if (table.labels <= kMostShownLabels) {
    log_info("how often each label was taken for each:\n{}", confusion_text(table, reading.labels));
  }
  return scorer.metrics();
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
      .help = kHelp,
  };
  return kDescription;
}

TrainingData TextClassificationTask::read_training(const TaskContext& context,
                                                   const TrainingRequest& request) const {
  TextData data = read_text_data(request.dataset, TextPurpose::kTrain, columns_of(request.data),
                                 columns_of(context.reading));
  TrainingData training;
  training.reading = choose_reading(context, request.data, data);
  keep_first(data, request.max_examples);
  training.windows = make_text_windows(context.tokenizer, data, context.limits.max_seq_length);
  set_targets(training.reading, data, training.windows);
  training.ids = std::move(data.places);
  return training;
}

std::vector<std::string> TextClassificationTask::list_metrics(
    const TaskContext& context, const EvaluateRequest& request) const {
  TextStream stream = open_evaluation_data(context, request);
  const Reading reading = reading_for(request.data, stream.glue(), context.reading);
  TextScorer scorer(reading, stream.glue());
  for (TextData data; stream.next(kExamplesInPart, data);) {
    scorer.add(data, gold_predictions(data, reading));
  }
  return names_of(scorer.metrics());
}

Metrics TextClassificationTask::evaluate(const TaskContext& context, const EvaluateRequest& request,
                                         const Infer& infer) const {
  TextStream stream = open_evaluation_data(context, request);
  const Reading reading = reading_for(request.data, stream.glue(), context.reading);
  check_labels(stream, reading);
  std::optional<AtomicFile> file;
  if (!request.files.predictions.empty()) file.emplace(request.files.predictions);
  TextScorer scorer(reading, stream.glue());
  TextWindowMaker windows(context.tokenizer, context.limits.max_seq_length);
  for (TextData data; stream.next(kExamplesInPart, data);) {
    const std::vector<LabelScore> predictions = answer(windows.make(data), reading, infer);
    if (file) file->write(label_lines(predictions));
    scorer.add(data, predictions);
  }
  windows.report();
  if (file) file->close();
  return finish(scorer, reading, request.files.confusion);
}

Metrics TextClassificationTask::score(const ScoreRequest& request) const {
  const TextData data =
      read_text_data(request.eval_dataset, TextPurpose::kEvaluate, columns_of(request.data));
  Reading reading{.regression = are_numbers(data)};
  if (!request.data.labels.empty()) {
    reading.labels = parse_labels(request.data.labels);
  } else if (!reading.regression) {
    reading.labels = find_labels(data);
  }
  TextScorer scorer(reading, data.glue);
  scorer.add(data, read_label_lines(request.predictions, data.examples.size()));
  return finish(scorer, reading, {});
}

void TextClassificationTask::check_input(const Input& input) const {
  if (!std::holds_alternative<ContextQuestion>(input)) return;
  throw Error(ErrorKind::kInput, "the input has context and question, not text and text_pair",
              R"(give a text, or {"text": "...", "text_pair": "..."})");
}

Predictions TextClassificationTask::predict(const TaskContext& context,
                                            const PredictRequest& request,
                                            const Infer& infer) const {
  const std::span<const Input> inputs = request.inputs;
  Predictions predictions(inputs.size());
  for (const bool pairs : {false, true}) {  // because all windows of a set are of one kind
    TextData data;
    data.pairs = pairs;
    std::vector<size_t> places;  // of the examples among the inputs
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (is_pair(inputs[i], context.reading) != pairs) continue;
      data.examples.push_back(to_example(inputs[i], context.reading));
      places.push_back(i);
    }
    if (places.empty()) continue;
    const WindowSet set = make_text_windows(context.tokenizer, data, context.limits.max_seq_length);
    ask(set, context.reading, infer, [&](size_t example, std::span<const float> logits) {
      for (LabelScore& score : rank(context.reading, logits, *request.top_k)) {
        predictions[places[example]].emplace_back(std::move(score));
      }
    });
  }
  return predictions;
}

}  // namespace bertune
