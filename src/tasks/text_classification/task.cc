// SPDX-License-Identifier: Apache-2.0
#include "tasks/text_classification/task.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/io.h"
#include "base/json.h"
#include "base/log.h"
#include "bertune/error.h"
#include "datasets/table/reader.h"
#include "model/heads/heads.h"
#include "tasks/context_question.h"
#include "tasks/logits.h"
#include "tasks/text_classification/decode.h"
#include "tasks/text_classification/prediction_files.h"
#include "tasks/text_classification/scorer.h"
#include "tasks/text_classification/windows.h"
#include "text/utf8.h"

namespace bertune {
namespace {

constexpr const char* kHelp =
    R"(predicts a label, several labels or a number for a text or a pair of texts
  data     TSV, CSV or JSON lines with columns such as text, label or sentence1, sentence2, label
           (text_column, text_pair_column, label_column name others); GLUE's folders; labels may
           be numbers (the option labels gives their names)
  several  lists of labels in JSON, label_column with the names of columns of 0 and 1, or
           label_separator for the labels of a cell; predict gives those above threshold
  metrics  accuracy, f1, f1_macro, matthews_correlation; for numbers pearson, spearmanr; for
           several labels accuracy, f1_micro, f1_macro, roc_auc_micro, roc_auc_macro; for GLUE
           those of the task
  GLUE     usually batch_size 32 and learning_rate 2e-5
  input    a text, or {"text": "...", "text_pair": "..."}; models of pairs take "first - second")";

constexpr int64_t kMostShownLabels = 12;  // a larger confusion table does not fit a terminal

// The size of a part: many passes of any model, so that a last pass that is not full costs little,
// and a few megabytes of tokens.
constexpr size_t kExamplesInPart = 4096;

// Names for labels that are numbers, if the user gives some: a model's own labels are not taken, so
// that a column of other numbers is refused. Labels that are numbers themselves are no such names.
Labels names_of_numbers(const std::string& given) {
  if (given.empty()) return {};
  const Labels labels = parse_labels(given);
  const bool named =
      !are_anonymous(labels) && std::none_of(labels.begin(), labels.end(), number_of_label);
  return named ? labels : Labels();
}

TextColumns columns_of(const DataOptions& options) {
  return {.text = options.text_column,
          .text_pair = options.text_pair_column,
          .label = options.label_column,
          .separator = options.label_separator,
          .names = names_of_numbers(options.labels)};
}

// The columns of the training data of a model.
TextColumns columns_of(const Reading& reading) {
  return columns_of(with_kept_columns({}, reading.columns));
}

void keep_first(TextData& data, int64_t count) {
  if (count == 0 || count >= static_cast<int64_t>(data.examples.size())) return;
  data.examples.resize(static_cast<size_t>(count));
  data.places.resize(static_cast<size_t>(count));
}

// The model's labels by the names of the data: labels of other programs are often anonymous where
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

Labels names_for(const GlueTask* glue, const Reading& model) {
  return model.multi_label || model.regression ? model.labels : labels_for(glue, model.labels);
}

// `model`: of a model that is tuned already; empty for any other.
void require_use_of_regression(const DataOptions& given, const Reading& model) {
  if (!given.regression) return;
  if (!given.labels.empty()) {
    throw Error(ErrorKind::kUsage,
                option("regression") + " and " + option("labels") + " are both given",
                "labels are classes, and regression predicts numbers; set only one of them");
  }
  if (model.labels.empty() || model.regression) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("{} is given, but the model was tuned for the classes {}",
                          option("regression"), excerpt_list(model.labels)),
              "omit it, or train a new head with " + option("new_head", "true"));
}

// `model`: as above.
void require_kind_of_labels(const DataOptions& given, const TextInfo& info, const Reading& model) {
  if (!info.multi_label) return;
  if (given.regression) {
    throw Error(ErrorKind::kUsage,
                option("regression") + " is given, but the data gives a text several labels",
                "omit it");
  }
  if (model.labels.empty() || model.multi_label) return;
  throw Error(
      ErrorKind::kInput,
      "the data gives a text several labels, but the model was tuned to predict one",
      "use data with one label per text, or train a new head with " + option("new_head", "true"));
}

// The reading of a model that is trained on a dataset.
Reading choose_reading(const TaskContext& context, const DataOptions& given, const TextInfo& info) {
  require_use_of_regression(given, context.reading);
  require_kind_of_labels(given, info, context.reading);
  const DataOptions options = with_kept_columns(given, context.reading.columns);
  Reading reading{.multi_label = info.multi_label || context.reading.multi_label,
                  .text_pairs = info.pairs,
                  .columns = given_columns(options)};
  if (!given.labels.empty()) {
    reading.labels = given_labels(parse_labels(given.labels), context.reading.labels);
  } else if (!context.reading.labels.empty()) {
    reading.labels = names_for(info.glue, context.reading);
    reading.regression = context.reading.regression;
  } else if (given.regression || info.regression()) {
    reading.labels = {"LABEL_0"};
    reading.regression = true;
    if (!given.regression) {
      log_info(
          "the labels are numbers, some with decimals, and will be predicted as numbers; set the "
          "option labels to treat them as classes");
    }
  } else {
    reading.labels = find_labels(info);
  }
  if (!reading.regression && !reading.multi_label && reading.labels.size() < 2) {
    throw Error(ErrorKind::kUsage, "a classifier needs at least two labels",
                "give them all, for example " + option("labels", "negative,positive"));
  }
  return reading;
}

// The reading of a model for a dataset, with the labels that the user or the data names.
Reading reading_for(const DataOptions& options, const TextInfo& info, Reading reading) {
  require_use_of_regression(options, reading);
  require_kind_of_labels(options, info, reading);
  if (options.labels.empty()) {
    reading.labels = names_for(info.glue, reading);
  } else {
    reading.labels = given_labels(parse_labels(options.labels), reading.labels);
  }
  return reading;
}

// For a model that gives a text one label or a number.
void require_use_of_threshold(const AnswerOptions& answer, const Reading& reading) {
  if (!answer.threshold || reading.multi_label) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("{} is {}, but the model gives a text one label or a number",
                          option("threshold"), *answer.threshold),
              "omit it; it is for models that were trained with several labels per text");
}

void require_use_of_confusion(const EvaluateFiles& files, const Reading& reading) {
  if (files.confusion.empty() || !reading.multi_label) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("{} is '{}', but there is no confusion table of several labels per text",
                          option("confusion"), files.confusion),
              "omit it; " + option("predictions") + " writes all labels and scores");
}

void set_targets(const Reading& reading, const TextData& data, WindowSet& set) {
  if (reading.regression) {
    const std::vector<double> numbers = number_targets(data);
    set.target_values.assign(numbers.begin(), numbers.end());
  } else if (reading.multi_label) {
    set.target_values = label_targets(data, reading.labels);
  } else {
    set.targets = class_targets(data, reading.labels);
    set.targets_per_window = 1;
  }
}

// Evaluation data that was read once, with all labels checked.
struct EvaluationData {
  TextStream stream;
  TextInfo info;
  Reading reading;
};

EvaluationData open_evaluation_data(const TaskContext& context, const EvaluateRequest& request) {
  TextStream stream(request.eval_dataset, Split::kEvaluate, columns_of(request.data),
                    columns_of(context.reading));
  TextInfo info = stream.validate();
  Reading reading = reading_for(request.data, info, context.reading);
  require_use_of_threshold(request.answer, reading);
  require_use_of_confusion(request.files, reading);
  reading.regression ? check_numbers(info) : check_classes(info, reading.labels);
  return {std::move(stream), std::move(info), std::move(reading)};
}

size_t logits_in_row(const Reading& reading) { return std::max<size_t>(reading.labels.size(), 1); }

// Passes the logits of each example to the sink.
void infer_examples(
    const WindowSet& set, const Reading& reading, const Infer& infer,
    const std::function<void(size_t example, std::span<const float> logits)>& sink) {
  infer(set, [&](int32_t window, std::span<const float> logits) {
    CHECK(logits.size() == logits_in_row(reading));
    sink(static_cast<size_t>(set.windows[static_cast<size_t>(window)].example), logits);
  });
}

// The label with the highest score, or the number.
LabelScore best_of(const Reading& reading, std::span<const float> logits) {
  if (!reading.regression) return rank_labels(logits, reading.labels, 1).front();
  softmax(logits);  // only because it refuses a number that is not finite
  return {reading.labels.front(), double{logits.front()}};
}

// The best prediction of each example.
std::vector<LabelScore> answer(const WindowSet& set, const Reading& reading, const Infer& infer) {
  std::vector<LabelScore> predictions(set.windows.size());
  infer_examples(set, reading, infer, [&](size_t example, std::span<const float> logits) {
    predictions[example] = best_of(reading, logits);
  });
  return predictions;
}

// The labels with a score above the threshold, for each example.
LabelSets answer_with_sets(const WindowSet& set, const Reading& reading, double threshold,
                           const Infer& infer) {
  const size_t labels = reading.labels.size();
  LabelSets predictions{.chosen = std::vector<char>(set.windows.size() * labels),
                        .scores = std::vector<double>(set.windows.size() * labels)};
  infer_examples(set, reading, infer, [&](size_t example, std::span<const float> logits) {
    const std::vector<double> scores = sigmoid(logits);
    for (size_t i = 0; i < labels; ++i) {
      predictions.scores[example * labels + i] = scores[i];
      predictions.chosen[example * labels + i] = scores[i] > threshold;
    }
  });
  return predictions;
}

// Writes and logs the confusion table, returns the metrics.
Metrics finish(const TextScorer& scorer, const Reading& reading, const std::string& confusion) {
  if (reading.regression) return scorer.metrics();
  const ConfusionTable table = scorer.confusion();
  if (!confusion.empty()) {
    write_file_atomic(confusion, confusion_json(table, reading.labels));
  }
  if (table.labels <= kMostShownLabels) {
    log_info("how often each label was predicted as each:\n{}",
             confusion_text(table, reading.labels));
  }
  return scorer.metrics();
}

// What an evaluation reads, computes with and writes.
struct Evaluating {
  const TaskContext& context;
  const EvaluateRequest& request;
  const Infer& infer;
  EvaluationData data;
};

// Passes the dataset part by part to `predict`, which returns lines for the file of predictions.
template <typename Predict>
void predict_parts(Evaluating& evaluating, const Predict& predict) {
  const std::string& path = evaluating.request.files.predictions;
  std::optional<AtomicFile> file;
  if (!path.empty()) file.emplace(path);
  const TextShape shape{evaluating.context.limits.max_seq_length, evaluating.data.info.pairs};
  TextWindowMaker windows(evaluating.context.tokenizer, shape);
  for (TextData data; evaluating.data.stream.next(kExamplesInPart, data);) {
    const std::string lines = predict(data, windows.make(data));
    if (file) file->write(lines);
  }
  windows.report();
  if (file) file->close();
}

Metrics evaluate_best(Evaluating& evaluating) {
  const Reading& reading = evaluating.data.reading;
  TextScorer scorer(reading, evaluating.data.info);
  predict_parts(evaluating, [&](const TextData& data, const WindowSet& set) {
    const std::vector<LabelScore> predictions = answer(set, reading, evaluating.infer);
    scorer.add(data, predictions);
    return label_lines(predictions);
  });
  return finish(scorer, reading, evaluating.request.files.confusion);
}

Metrics evaluate_sets(Evaluating& evaluating) {
  const Reading& reading = evaluating.data.reading;
  const double threshold = evaluating.request.answer.threshold.value_or(kDefaultThreshold);
  LabelSetScorer scorer(reading.labels);
  predict_parts(evaluating, [&](const TextData& data, const WindowSet& set) {
    const LabelSets predicted = answer_with_sets(set, reading, threshold, evaluating.infer);
    scorer.add(label_targets(data, reading.labels), predicted);
    return label_set_lines(predicted, reading.labels);
  });
  return scorer.metrics();
}

// Scores a file of predictions for a dataset that gives a text several labels.
Metrics score_sets(const ScoreRequest& request, TextStream& stream, const TextInfo& info) {
  Labels labels = request.data.labels.empty() ? scored_labels(request.predictions)
                                              : parse_labels(request.data.labels);
  if (labels.empty()) labels = find_labels(info);
  check_classes(info, labels);
  const auto count = static_cast<size_t>(info.examples);
  const LabelSets predicted = read_label_sets(request.predictions, count, labels);
  std::vector<float> gold;
  for (TextData data; stream.next(kExamplesInPart, data);) {
    const std::vector<float> part = label_targets(data, labels);
    gold.insert(gold.end(), part.begin(), part.end());
  }
  LabelSetScorer scorer(labels);
  scorer.add(gold, predicted);
  return scorer.metrics();
}

TextExample to_example(const Input& input, const Reading& reading) {
  if (const auto* pair = std::get_if<TextPair>(&input)) {
    return {.text = replace_invalid_utf8(pair->text),
            .text_pair = replace_invalid_utf8(pair->text_pair),
            .label = {},
            .labels = {}};
  }
  std::string text = replace_invalid_utf8(std::get<std::string>(input));
  if (!reading.text_pairs) {
    return {.text = std::move(text), .text_pair = {}, .label = {}, .labels = {}};
  }
  auto [first, second] = split_at_dash(text, {.first = "text", .second = "text_pair"});
  return {.text = std::move(first), .text_pair = std::move(second), .label = {}, .labels = {}};
}

bool is_pair(const Input& input, const Reading& reading) {
  return reading.text_pairs || std::holds_alternative<TextPair>(input);
}

// The single texts and the pairs among the inputs, because all windows of a set are of one kind.
class TextsToClassify : public InputWindows {
 public:
  TextsToClassify(const TaskContext& context, const PredictRequest& request, int64_t top_k)
      : reading_(context.reading),
        top_k_(top_k),
        choice_{request.top_k, request.answer.threshold},
        predictions_(request.inputs.size()) {
    for (const bool pairs : {false, true}) add_set(context, request.inputs, pairs);
  }

  std::span<const WindowSet> sets() const override { return sets_; }
  void add(const WindowRef& window, std::span<const float> logits) override {
    CHECK(logits.size() == logits_in_row(reading_));
    const std::vector<size_t>& inputs = inputs_[static_cast<size_t>(window.set - sets_.data())];
    const size_t input = inputs[static_cast<size_t>(window->example)];
    for (LabelScore& score : predict(logits)) {
      predictions_[input].emplace_back(std::move(score));
    }
  }
  Predictions finish() override { return std::move(predictions_); }

 private:
  std::vector<LabelScore> predict(std::span<const float> logits) const {
    if (reading_.multi_label) return choose_labels(logits, reading_.labels, choice_);
    if (reading_.sigmoid_score) return choose_labels(logits, reading_.labels, {.top_k = 1});
    if (reading_.regression) return {best_of(reading_, logits)};
    return rank_labels(logits, reading_.labels, top_k_);
  }

  void add_set(const TaskContext& context, std::span<const Input> inputs, bool pairs) {
    TextData data;
    std::vector<size_t> chosen;
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (is_pair(inputs[i], reading_) != pairs) continue;
      data.examples.push_back(to_example(inputs[i], reading_));
      chosen.push_back(i);
    }
    if (chosen.empty()) return;
    sets_.push_back(
        make_text_windows(context.tokenizer, data, {context.limits.max_seq_length, pairs}));
    inputs_.push_back(std::move(chosen));
  }

  Reading reading_;
  int64_t top_k_;
  LabelChoice choice_;
  std::vector<WindowSet> sets_;
  std::vector<std::vector<size_t>> inputs_;  // [sets][examples] index of the input
  Predictions predictions_;
};

class TextClassificationTask : public Task {
 public:
  const TaskDescription& description() const override {
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
        .example = {.model = "./bert-base-uncased",
                    .train_dataset = "./SST-2",
                    .eval_dataset = "./SST-2",
                    .input = "A charming and often affecting journey."},
    };
    return kDescription;
  }

  TrainingData read_training(const TaskContext& context,
                             const TrainingRequest& request) const override {
    auto [data, info] = TextStream(request.dataset, Split::kTrain, columns_of(request.data),
                                   columns_of(context.reading))
                            .read_all();
    TrainingData training;
    training.reading = choose_reading(context, request.data, info);
    keep_first(data, request.max_examples);
    training.windows =
        make_text_windows(context.tokenizer, data, {context.limits.max_seq_length, info.pairs});
    set_targets(training.reading, data, training.windows);
    training.ids = std::move(data.places);
    return training;
  }

  std::vector<std::string> list_metrics(const TaskContext& context,
                                        const EvaluateRequest& request) const override {
    const EvaluationData data = open_evaluation_data(context, request);
    return data.reading.multi_label ? label_set_metrics() : metric_names(data.reading, data.info);
  }

  Metrics evaluate(const TaskContext& context, const EvaluateRequest& request,
                   const Infer& infer) const override {
    Evaluating evaluating{context, request, infer, open_evaluation_data(context, request)};
    return evaluating.data.reading.multi_label ? evaluate_sets(evaluating)
                                               : evaluate_best(evaluating);
  }

  Metrics score(const ScoreRequest& request) const override {
    TextStream stream(request.eval_dataset, Split::kEvaluate, columns_of(request.data));
    const TextInfo info = stream.validate();
    require_use_of_regression(request.data, {});
    require_kind_of_labels(request.data, info, {});
    if (info.multi_label) return score_sets(request, stream, info);
    const bool classes = !request.data.labels.empty();
    Reading reading{.regression = request.data.regression || (!classes && info.regression())};
    if (classes) {
      reading.labels = parse_labels(request.data.labels);
    } else if (!reading.regression) {
      reading.labels = find_labels(info);
    }
    const std::vector<LabelScore> all =
        read_label_lines(request.predictions, static_cast<size_t>(info.examples));
    TextScorer scorer(reading, info);
    std::span<const LabelScore> rest(all);
    for (TextData data; stream.next(kExamplesInPart, data);) {
      scorer.add(data, rest.first(data.size()));
      rest = rest.subspan(data.size());
    }
    return finish(scorer, reading, {});
  }

  void check_input(const Input& input) const override {
    if (!std::holds_alternative<ContextQuestion>(input)) return;
    throw Error(ErrorKind::kInput, "the input has context and question, not text and text_pair",
                R"(give a text, or {"text": "...", "text_pair": "..."})");
  }

  std::unique_ptr<InputWindows> prepare(const TaskContext& context,
                                        const PredictRequest& request) const override {
    require_use_of_threshold(request.answer, context.reading);
    return std::make_unique<TextsToClassify>(context, request, top_k_of(description(), request));
  }
};

}  // namespace

std::unique_ptr<Task> make_text_classification_task() {
  return std::make_unique<TextClassificationTask>();
}

}  // namespace bertune
