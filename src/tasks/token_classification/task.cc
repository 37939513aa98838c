// SPDX-License-Identifier: Apache-2.0
#include "tasks/token_classification/task.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "base/io.h"
#include "base/json.h"
#include "base/log.h"
#include "bertune/error.h"
#include "datasets/tagged/reader.h"
#include "model/heads/heads.h"
#include "tasks/labels.h"
#include "tasks/token_classification/aggregate.h"
#include "tasks/token_classification/decode.h"
#include "tasks/token_classification/metrics.h"
#include "tasks/token_classification/windows.h"
#include "text/utf8.h"

namespace bertune {
namespace {

constexpr const char* kHelp =
    R"(finds entities in texts: names of people, of places, or whatever the tags mark
  data     CoNLL columns (word_column, tag_column), JSON lines of {"words": [...], "tags": [...]},
           or CLUENER's JSON lines; tags in IOB1, IOB2, BIOES (BILOU, BMES) or BIOS, tags
           without prefixes, or numbers (the option labels gives their names)
  metrics  precision, recall and f1 of entities, over all and by type (strict: seqeval's mode);
           without prefixes also the accuracy of words
  input    a text)";

// The size of a part: many passes of any model, so that a last pass that is not full costs little,
// and a few megabytes of words and tokens.
constexpr size_t kTextsInPart = 4096;

std::optional<TagScheme> parse_scheme(const std::string& name) {
  if (name == "auto") return {};
  if (name == "iob1") return TagScheme::kIob1;
  if (name == "iob2") return TagScheme::kIob2;
  if (name == "bioes" || name == "bilou" || name == "bmes") return TagScheme::kBioes;
  if (name == "bios") return TagScheme::kBios;
  throw Error(ErrorKind::kUsage, fmt::format("{} is '{}'", option("tag_scheme"), name),
              option("tag_scheme") + " must be auto, iob1, iob2, bioes (bilou, bmes) or bios");
}

// `model`: the labels that name tags which are numbers, unless the options do.
TaggedColumns columns_of(const DataOptions& options, const Labels& model) {
  const TaggedColumns columns{
      .word = options.word_column.value_or(1),
      .tag = options.tag_column.value_or(0),
      .scheme = parse_scheme(options.tag_scheme),
      .names = options.labels.empty() ? model : parse_labels(options.labels)};
  if (columns.word < 1 || columns.tag < 0) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} is {} and {} {}", option("word_column"), columns.word,
                            option("tag_column"), columns.tag),
                "columns count from 1; 0 is the last one, for " + option("tag_column"));
  }
  return columns;
}

// The labels of a model that is trained on a dataset.
Labels choose_labels(const TaskContext& context, const std::string& given, const TaggedInfo& info) {
  if (!given.empty()) {
    return given_labels(parse_labels(given), context.reading.labels);
  }
  if (!context.reading.labels.empty()) return context.reading.labels;
  Labels labels = tag_set(find_types(info), info.scheme);
  // Every word has a part of speech.
  if (info.scheme == TagScheme::kPlain && !info.outside) labels.erase(labels.begin());
  return labels;
}

// The order of a model from elsewhere may not be that of the data.
void report_names_of_numbers(const TaggedInfo& info, const DataOptions& options,
                             const Labels& labels) {
  if (!info.numbered || !options.labels.empty()) return;
  log_info("the tags are numbers and are read as indices into the model's labels: {}",
           excerpt_list(labels));
}

void require_labelled(const TaggedInfo& info) {
  if (info.unlabelled.empty()) return;
  throw Error(ErrorKind::kInput, fmt::format("{}: the text has no tags", info.unlabelled),
              "training and evaluation need a tag for every word; to tag new texts, use predict");
}

TaggedStream::Whole read_labelled(const std::string& path, const TaggedColumns& columns) {
  TaggedStream::Whole whole = TaggedStream(path, Split::kEvaluate, columns).read_all();
  require_labelled(whole.info);
  return whole;
}

// The scheme that strictness demands of predicted tags: that of the model's labels if they are
// given, else that of the predictions themselves.
TagScheme predicted_scheme(const std::string& labels, const TaggedInfo& predicted) {
  return labels.empty() ? predicted.scheme : scheme_of(parse_labels(labels));
}

TaggedData read_predictions(const ScoreRequest& request, const Labels& names) {
  auto [data, info] = read_labelled(request.predictions, {.names = names});
  if (!request.data.strict) return std::move(data);
  const TagScheme scheme = predicted_scheme(request.data.labels, info);
  return read_labelled(request.predictions, {.names = names, .strict = scheme}).data;
}

void require_use_of_labels(const DataOptions& options, const TaggedInfo& info) {
  if (options.labels.empty() || options.strict || info.numbered) return;
  throw Error(
      ErrorKind::kUsage,
      fmt::format("{} is {}, but scoring tags does not use it", option("labels"), options.labels),
      "omit it; labels are needed only with " + option("strict") + " or if the tags are numbers");
}

// Evaluation data that was read once.
struct EvaluationData {
  TaggedStream stream;
  TaggedInfo info;
};

EvaluationData open_evaluation_data(const TaskContext& context, const EvaluateRequest& request) {
  TaggedStream stream(
      request.eval_dataset, Split::kEvaluate,
      columns_of(with_kept_columns(request.data, context.reading.columns), context.reading.labels));
  TaggedInfo info = stream.validate();
  require_labelled(info);
  return {std::move(stream), std::move(info)};
}

// Logs how many entities have types that the model cannot predict.
void report_unknown_types(const TaggedInfo& info, const Labels& labels) {
  std::set<std::string_view> known;
  for (const std::string& label : labels) known.insert(parse_tag(label).type);
  std::vector<std::string> unknown;
  int64_t entities = 0;
  for (const auto& [type, count] : info.types) {
    if (known.contains(type)) continue;
    unknown.push_back(type);
    entities += count;
  }
  if (entities == 0) return;
  log_warning("{} entities are of types that the model does not know ({}): they count as missed",
              entities, excerpt_list(unknown));
}

using Tags = std::vector<std::string>;

using Words = std::vector<WordPrediction>;

// The predictions for the words of every text.
std::vector<Words> predict_words(const TaggedData& data, const TokenWindows& windows,
                                 const Labels& labels, const Infer& infer) {
  TokenDecoder decoder(data, windows, static_cast<int64_t>(labels.size()));
  infer(windows.set,
        [&](int32_t window, std::span<const float> logits) { decoder.add_window(window, logits); });
  return decoder.words();
}

// The predicted tags of every text.
std::vector<Tags> predict_tags(const TaggedData& data, const TokenWindows& windows,
                               const Labels& labels, const Infer& infer) {
  std::vector<Tags> tags;
  for (const auto& words : predict_words(data, windows, labels, infer)) {
    tags.push_back(tags_of(words, labels));
  }
  return tags;
}

void score_tags(const TaggedData& data, const std::vector<Tags>& tags, bool strict,
                TagScheme scheme, EntityScorer& scorer) {
  for (size_t i = 0; i < data.texts.size(); ++i) {
    const auto found = strict ? find_entities_strictly(tags[i], scheme) : find_entities(tags[i]);
    scorer.add(data.texts[i].entities, found, data.texts[i].words.size());
  }
}

// JSON lines of words and tags, as TaggedReader reads them.
std::string tag_lines(const TaggedData& data, const std::vector<Tags>& tags) {
  std::string lines;
  for (size_t i = 0; i < data.texts.size(); ++i) {
    nlohmann::ordered_json words = nlohmann::ordered_json::array();
    for (const WordRange& word : data.texts[i].words) {
      words.push_back(data.texts[i].text.substr(word.begin, word.end - word.begin));
    }
    lines += nlohmann::ordered_json{{"words", std::move(words)}, {"tags", tags[i]}}.dump() + "\n";
  }
  return lines;
}

void require_same_words(const TaggedData& data, const TaggedData& predicted,
                        const std::string& path) {
  bool same = data.texts.size() == predicted.texts.size();
  for (size_t i = 0; same && i < data.texts.size(); ++i) {
    same = data.texts[i].words.size() == predicted.texts[i].words.size();
  }
  if (same) return;
  throw Error(ErrorKind::kInput, fmt::format("'{}' has other words than the dataset", path),
              "the predictions need one line for each text, in order, with all of its words");
}

TaggedText to_text(const TaskContext& context, const Input& input) {
  const std::string text = replace_invalid_utf8(std::get<std::string>(input));
  return context.reading.word_per_character ? split_characters(text)
                                            : split_words(context.tokenizer, text);
}

TaggedData to_texts(const TaskContext& context, std::span<const Input> inputs) {
  TaggedData data;
  for (const Input& input : inputs) data.texts.push_back(to_text(context, input));
  return data;
}

class TextsToTag : public InputWindows {
 public:
  TextsToTag(const TaskContext& context, std::span<const Input> inputs)
      : labels_(context.reading.labels),
        data_(to_texts(context, inputs)),
        windows_(make_token_windows(context.tokenizer, data_, context.limits)),
        decoder_(data_, windows_, static_cast<int64_t>(labels_.size())) {}

  std::span<const WindowSet> sets() const override { return std::span(&windows_.set, 1); }
  void add(const WindowRef& window, std::span<const float> logits) override {
    decoder_.add_window(window.window, logits);
  }
  Predictions finish() override {
    Predictions predictions;
    for (size_t i = 0; i < data_.texts.size(); ++i) {
      std::vector<Prediction>& list = predictions.emplace_back();
      for (TaggedEntity& entity : group_entities(data_.texts[i], decoder_.words()[i], labels_)) {
        list.emplace_back(std::move(entity));
      }
    }
    return predictions;
  }

 private:
  Labels labels_;
  TaggedData data_;
  TokenWindows windows_;
  TokenDecoder decoder_;
};

// For the strategies that read more than a word's first token.
class TextsToAggregate : public InputWindows {
 public:
  TextsToAggregate(const TaskContext& context, const PredictRequest& request)
      : tokenizer_(context.tokenizer),
        labels_(context.reading.labels),
        strategy_(aggregation_of(request.aggregation)),
        data_(to_texts(context, request.inputs)),
        windows_(make_token_windows(context.tokenizer, data_, context.limits)),
        scores_(windows_, static_cast<int64_t>(labels_.size())) {}

  std::span<const WindowSet> sets() const override { return std::span(&windows_.set, 1); }
  void add(const WindowRef& window, std::span<const float> logits) override {
    scores_.add_window(window.window, logits);
  }
  Predictions finish() override {
    Predictions predictions;
    for (size_t i = 0; i < data_.texts.size(); ++i) {
      const ScoredText text{data_.texts[i].text, windows_.set.texts[i], scores_.of_text(i)};
      predictions.push_back(aggregate(text, tokenizer_, labels_, strategy_));
    }
    return predictions;
  }

 private:
  const Tokenizer& tokenizer_;
  Labels labels_;
  Aggregation strategy_;
  TaggedData data_;
  TokenWindows windows_;
  TokenScores scores_;
};

class TokenClassificationTask : public Task {
 public:
  const TaskDescription& description() const override {
    static constexpr TaskDescription kDescription = {
        .name = "token_classification",
        .head = HeadKind::kTokenClassification,
        .metric_name = "Token Classification Metric",
        .main_metric = "f1",
        .single_prediction = false,
        .top_k = 1,
        .recipe = {.epochs = 3,
                   .batch_size = 24,
                   .learning_rate = 3e-5,
                   .final_learning_rate = 0.0,
                   .warmup_ratio = 0.1,
                   .max_seq_length = 128,
                   .doc_stride = 32},
        .help = kHelp,
        .example = {.model = "./bert-base-cased",
                    .train_dataset = "./wnut17/train.conll",
                    .eval_dataset = "./wnut17/dev.conll",
                    .input = "My name is Wolfgang and I live in Berlin"},
    };
    return kDescription;
  }

  TrainingData read_training(const TaskContext& context,
                             const TrainingRequest& request) const override {
    const DataOptions options = with_kept_columns(request.data, context.reading.columns);
    auto [data, info] =
        TaggedStream(request.dataset, Split::kTrain, columns_of(options, context.reading.labels))
            .read_all();
    require_labelled(info);
    report_names_of_numbers(info, options, context.reading.labels);
    TrainingData training;
    training.reading = {.labels = choose_labels(context, request.data.labels, info),
                        .word_per_character = info.characters,
                        .columns = given_columns(options)};
    const auto wanted = static_cast<size_t>(request.max_examples);
    if (wanted > 0 && wanted < data.texts.size()) data.texts.resize(wanted);
    TokenWindows windows = make_token_windows(context.tokenizer, data, context.limits);
    windows.set.token_targets = tag_targets(data, windows, training.reading.labels);
    training.windows = std::move(windows.set);
    for (size_t i = 0; i < data.texts.size(); ++i) {
      training.ids.push_back(fmt::format("text {}", i + 1));
    }
    return training;
  }

  std::vector<std::string> list_metrics(const TaskContext& context,
                                        const EvaluateRequest& request) const override {
    const TaggedInfo info = open_evaluation_data(context, request).info;
    std::vector<std::string> types;
    for (const auto& [type, count] : info.types) types.push_back(type);
    return metric_names(types, info.scheme);
  }

  Metrics evaluate(const TaskContext& context, const EvaluateRequest& request,
                   const Infer& infer) const override {
    Labels labels = context.reading.labels;
    if (!request.data.labels.empty()) {
      labels = given_labels(parse_labels(request.data.labels), labels);
    }
    auto [stream, info] = open_evaluation_data(context, request);
    report_names_of_numbers(info, request.data, labels);
    std::optional<AtomicFile> file;
    if (!request.files.predictions.empty()) file.emplace(request.files.predictions);
    TokenWindowMaker maker(context.tokenizer, context.limits);
    EntityScorer scorer(info.scheme);
    for (TaggedData data; stream.next(kTextsInPart, data);) {
      const std::vector<Tags> tags = predict_tags(data, maker.make(data), labels, infer);
      if (file) file->write(tag_lines(data, tags));
      score_tags(data, tags, request.data.strict, scheme_of(labels), scorer);
    }
    maker.report();
    report_unknown_types(info, labels);
    if (file) file->close();
    return scorer.metrics();
  }

  Metrics score(const ScoreRequest& request) const override {
    const TaggedColumns columns = columns_of(request.data, {});
    const auto [data, info] = read_labelled(request.eval_dataset, columns);
    require_use_of_labels(request.data, info);
    const TaggedData predicted = read_predictions(request, columns.names);
    require_same_words(data, predicted, request.predictions);
    EntityScorer scorer(info.scheme);
    for (size_t i = 0; i < data.texts.size(); ++i) {
      const TaggedText& text = data.texts[i];
      scorer.add(text.entities, predicted.texts[i].entities, text.words.size());
    }
    return scorer.metrics();
  }

  void check_input(const Input& input) const override {
    if (std::holds_alternative<std::string>(input)) return;
    throw Error(ErrorKind::kInput, "the input has two texts",
                "token classification reads one text");
  }

  std::unique_ptr<InputWindows> prepare(const TaskContext& context,
                                        const PredictRequest& request) const override {
    if (aggregation_of(request.aggregation) != Aggregation::kFirst) {
      return std::make_unique<TextsToAggregate>(context, request);
    }
    return std::make_unique<TextsToTag>(context, request.inputs);
  }
};

}  // namespace

std::unique_ptr<Task> make_token_classification_task() {
  return std::make_unique<TokenClassificationTask>();
}

}  // namespace bertune
