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
    R"(predicts a label or a number for a text or a pair of texts
  data     TSV, CSV or JSON lines with columns such as text, label or sentence1, sentence2, label
           (text_column, text_pair_column, label_column name others); GLUE's folders; labels may
           be numbers (the option labels gives their names)
  metrics  accuracy, f1, f1_macro, matthews_correlation; for numbers pearson, spearmanr; for GLUE
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

// The reading of a model that is trained on a dataset.
Reading choose_reading(const TaskContext& context, const DataOptions& given, const TextInfo& info) {
  require_use_of_regression(given, context.reading);
  const DataOptions options = with_kept_columns(given, context.reading.columns);
  Reading reading{.text_pairs = info.pairs, .columns = given_columns(options)};
  if (!given.labels.empty()) {
    reading.labels = given_labels(parse_labels(given.labels), context.reading.labels);
  } else if (!context.reading.labels.empty()) {
    reading.labels = labels_for(info.glue, context.reading.labels);
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
  if (!reading.regression && reading.labels.size() < 2) {
    throw Error(ErrorKind::kUsage, "a classifier needs at least two labels",
                "give them all, for example " + option("labels", "negative,positive"));
  }
  return reading;
}

// The reading of a model for data of `glue`, with the labels that the user or the data names.
Reading reading_for(const DataOptions& options, const GlueTask* glue, Reading reading) {
  require_use_of_regression(options, reading);
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
  Reading reading = reading_for(request.data, info.glue, context.reading);
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

std::vector<LabelScore> rank(const Reading& reading, std::span<const float> logits, int64_t top_k) {
  if (!reading.regression) return rank_labels(logits, reading.labels, top_k);
  softmax(logits);  // only because it refuses a number that is not finite
  return {{reading.labels.front(), double{logits.front()}}};
}

// The best prediction of each example.
std::vector<LabelScore> answer(const WindowSet& set, const Reading& reading, const Infer& infer) {
  std::vector<LabelScore> predictions(set.windows.size());
  infer_examples(set, reading, infer, [&](size_t example, std::span<const float> logits) {
    predictions[example] = rank(reading, logits, 1).front();
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

// The single texts and the pairs among the inputs, because all windows of a set are of one kind.
class TextsToClassify : public InputWindows {
 public:
  TextsToClassify(const TaskContext& context, const PredictRequest& request)
      : reading_(context.reading), top_k_(*request.top_k), predictions_(request.inputs.size()) {
    for (const bool pairs : {false, true}) add_set(context, request.inputs, pairs);
  }

  std::span<const WindowSet> sets() const override { return sets_; }
  void add(const WindowRef& window, std::span<const float> logits) override {
    CHECK(logits.size() == logits_in_row(reading_));
    const std::vector<size_t>& inputs = inputs_[static_cast<size_t>(window.set - sets_.data())];
    const size_t input = inputs[static_cast<size_t>(window->example)];
    for (LabelScore& score : rank(reading_, logits, top_k_)) {
      predictions_[input].emplace_back(std::move(score));
    }
  }
  Predictions finish() override { return std::move(predictions_); }

 private:
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
    return metric_names(data.reading, data.info);
  }

  Metrics evaluate(const TaskContext& context, const EvaluateRequest& request,
                   const Infer& infer) const override {
    auto [stream, info, reading] = open_evaluation_data(context, request);
    std::optional<AtomicFile> file;
    if (!request.files.predictions.empty()) file.emplace(request.files.predictions);
    TextScorer scorer(reading, info);
    TextWindowMaker windows(context.tokenizer, {context.limits.max_seq_length, info.pairs});
    for (TextData data; stream.next(kExamplesInPart, data);) {
      const std::vector<LabelScore> predictions = answer(windows.make(data), reading, infer);
      if (file) file->write(label_lines(predictions));
      scorer.add(data, predictions);
    }
    windows.report();
    if (file) file->close();
    return finish(scorer, reading, request.files.confusion);
  }

  Metrics score(const ScoreRequest& request) const override {
    TextStream stream(request.eval_dataset, Split::kEvaluate, columns_of(request.data));
    const TextInfo info = stream.validate();
    require_use_of_regression(request.data, {});
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
    return std::make_unique<TextsToClassify>(context, request);
  }
};

}  // namespace

std::unique_ptr<Task> make_text_classification_task() {
  return std::make_unique<TextClassificationTask>();
}

}  // namespace bertune
