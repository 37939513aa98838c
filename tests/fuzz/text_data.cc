// SPDX-License-Identifier: Apache-2.0
// Text classification data in each of its formats, with columns found by name or given by number.
// What is read passes through windows, targets and a predictions file, which is itself an input of
// a reader.
#include <cmath>
#include <optional>

#include "datasets/table/reader.h"
#include "datasets/table/text_rows.h"
#include "fuzz/fuzz.h"
#include "fuzz/text_for_test.h"
#include "model/config.h"
#include "tasks/labels.h"
#include "tasks/text_classification/prediction_files.h"
#include "tasks/text_classification/windows.h"
#include "text/utf8.h"

namespace bertune {
namespace {

constexpr int32_t kMaxSeqLength = 16;

const Tokenizer& tokenizer() {
  static const Tokenizer made(small_vocabulary(), Normalization{});
  return made;
}

void check_data(const TextData& data, const TextInfo& info) {
  CHECK(!data.examples.empty() && data.places.size() == data.examples.size());
  for (size_t e = 0; e < data.examples.size(); ++e) {
    const TextExample& example = data.examples[e];
    CHECK(is_valid_utf8(example.text) && is_valid_utf8(example.text_pair));
    CHECK(is_valid_utf8(example.label));
    CHECK(info.pairs || example.text_pair.empty());
    CHECK(info.multi_label || !example.label.empty());
    for (const std::string& label : example.all_labels()) {
      CHECK(!label.empty() && is_valid_utf8(label));
    }
    CHECK(!data.place_of(e).empty());
  }
}

void check_windows(const TextData& data, bool pairs) {
  const WindowSet set = make_text_windows(tokenizer(), data, {kMaxSeqLength, pairs});
  CHECK(set.windows.size() == data.examples.size());
  for (const Window& window : set.windows) {
    CHECK(2 <= window.length() && window.length() <= kMaxSeqLength);
    CHECK(window.is_pair() == pairs);
    const auto tokens_of = [&](int32_t text) {
      return static_cast<int32_t>(set.texts.at(static_cast<size_t>(text)).size());
    };
    CHECK(0 <= window.first_length && window.first_length <= tokens_of(window.first));
    if (pairs) CHECK(window.second_end <= tokens_of(window.second));
  }
}

// Several labels of a text pass through a predictions file unchanged.
void check_sets(const TextData& data, const Labels& labels) {
  const std::vector<float> targets = label_targets(data, labels);
  CHECK(targets.size() == data.size() * labels.size());
  const LabelSets sets{.chosen = {targets.begin(), targets.end()},
                       .scores = {targets.begin(), targets.end()}};
  const auto path = put_input("sets.jsonl", label_set_lines(sets, labels));
  CHECK(scored_labels(path) == labels);
  const LabelSets same = read_label_sets(path, data.size(), labels);
  CHECK(same.chosen == sets.chosen && same.scores == sets.scores);
}

// The labels written to config.json are read back unchanged.
void check_targets(const TextData& data, const TextInfo& info) {
  if (info.regression()) {
    check_numbers(info);
    for (const double value : number_targets(data)) CHECK(std::isfinite(value));
    return;
  }
  const Labels labels = find_labels(info);
  check_classes(info, labels);
  if (info.multi_label) return check_sets(data, labels);
  BertConfig config;
  set_labels(labels, config);
  CHECK(labels_of(config.id2label) == labels);
  for (const int32_t target : class_targets(data, labels))
    CHECK(0 <= target && target < static_cast<int32_t>(labels.size()));
}

void check_predictions(const TextData& data) {
  std::vector<LabelScore> predictions;
  for (const TextExample& example : data.examples) predictions.push_back({example.label, 0.25});
  const auto path = put_input("predictions.jsonl", label_lines(predictions));
  const std::vector<LabelScore> same = read_label_lines(path, predictions.size());
  for (size_t i = 0; i < same.size(); ++i)
    CHECK(same[i].label == predictions[i].label && same[i].score == predictions[i].score);
}

void read(const std::filesystem::path& path, const TextColumns& columns) {
  const auto [data, info] = TextStream(path, Split::kTrain, columns).read_all();
  check_data(data, info);
  check_windows(data, info.pairs);
  if (!info.multi_label) check_predictions(data);
  check_targets(data, info);
}

// Reading in parts yields the same dataset, also after a rewind.
void compare_parts(const TextStream::Whole& all, TextStream stream) {
  const TextData& whole = all.data;
  const TextInfo info = stream.validate();
  CHECK(info.pairs == all.info.pairs && info.glue == all.info.glue);
  CHECK(info.labels.size() == all.info.labels.size());
  for (int pass = 0; pass < 2; ++pass, stream.rewind()) {
    size_t e = 0;
    for (TextData part; stream.next(2, part);) {
      for (size_t i = 0; i < part.examples.size(); ++i, ++e) {
        const TextExample &example = part.examples[i], &same = whole.examples.at(e);
        CHECK(example.text == same.text && example.text_pair == same.text_pair);
        CHECK(example.labels == same.labels && example.label == same.label &&
              part.place_of(i) == whole.place_of(e));
      }
    }
    CHECK(e == whole.examples.size());
  }
}

void stream(const std::filesystem::path& path) {
  const TextStream::Whole whole = TextStream(path, Split::kEvaluate).read_all();
  CHECK(accepts([&] { compare_parts(whole, TextStream(path, Split::kEvaluate)); }));
}

void read_rows(const std::filesystem::path& path, const TextColumns& kept) {
  TextRows rows(path, kept);
  while (const std::optional<TextExample> row = rows.next()) {
    CHECK(is_valid_utf8(row->text) && is_valid_utf8(row->text_pair) && !rows.place().empty());
  }
}

}  // namespace

void fuzz(std::string_view input) {
  for (const char* name : {"data.tsv", "data.csv", "data.jsonl"}) {
    const std::filesystem::path path = put_input(name, input);
    accepts([&] { read(path, {}); });
    accepts([&] { read(path, {.text = "1", .label = "2"}); });
    accepts([&] { read(path, {.separator = ";"}); });
    accepts([&] { read(path, {.label = "label,score"}); });
    accepts([&] { stream(path); });
    accepts([&] { read_rows(path, {}); });
    accepts([&] { read_rows(path, {.text = "2"}); });
  }
  accepts([&] { read_label_lines(put_input("data.jsonl", input), 1); });
  accepts([&] { read_label_sets(put_input("data.jsonl", input), 1, {"a", "b"}); });
}

}  // namespace bertune
