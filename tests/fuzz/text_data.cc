// SPDX-License-Identifier: Apache-2.0
// Text classification data in each of its formats, with or without labels, with columns found by
// name or given by number. What is read passes through windows, targets and a predictions file,
// which is itself an input of a reader.
#include <cmath>

#include "datasets/table/table.h"
#include "fuzz/fuzz.h"
#include "fuzz/text_for_test.h"
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

void check_data(const TextData& data, TextPurpose purpose) {
  CHECK(!data.examples.empty() && data.places.size() == data.examples.size());
  for (size_t e = 0; e < data.examples.size(); ++e) {
    const TextExample& example = data.examples[e];
    CHECK(is_valid_utf8(example.text) && is_valid_utf8(example.text_pair));
    CHECK(is_valid_utf8(example.label));
    CHECK(data.pairs || example.text_pair.empty());
    CHECK(purpose == TextPurpose::kPredict || !example.label.empty());
    CHECK(!data.place_of(e).empty());
  }
}

void check_windows(const TextData& data) {
  const WindowSet set = make_text_windows(tokenizer(), data, kMaxSeqLength);
  CHECK(set.windows.size() == data.examples.size());
  for (const Window& window : set.windows) {
    CHECK(2 <= window.length() && window.length() <= kMaxSeqLength);
    CHECK(window.is_pair() == data.pairs);
    const auto tokens_of = [&](int32_t text) {
      return static_cast<int32_t>(set.texts.at(static_cast<size_t>(text)).size());
    };
    CHECK(0 <= window.first_length && window.first_length <= tokens_of(window.first));
    if (data.pairs) CHECK(window.second_end <= tokens_of(window.second));
  }
}

// The labels written to config.json are read back unchanged.
void check_targets(const TextData& data) {
  if (are_numbers(data)) {
    for (const double value : number_targets(data)) CHECK(std::isfinite(value));
    return;
  }
  const Labels labels = find_labels(data);
  CHECK(labels_of(id2label_of(labels)) == labels);
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

void read(const std::filesystem::path& path, TextPurpose purpose, const TextColumns& columns) {
  const TextData data = read_text_data(path, purpose, columns);
  check_data(data, purpose);
  check_windows(data);
  check_predictions(data);
  if (purpose == TextPurpose::kTrain) check_targets(data);
}

// Reading in parts yields the same dataset, also after a rewind.
void compare_parts(const TextData& whole, TextStream stream) {
  for (int pass = 0; pass < 2; ++pass, stream.rewind()) {
    size_t e = 0;
    for (TextData part; stream.next(2, part);) {
      CHECK(part.pairs == whole.pairs && part.glue == whole.glue);
      for (size_t i = 0; i < part.examples.size(); ++i, ++e) {
        const TextExample &example = part.examples[i], &same = whole.examples.at(e);
        CHECK(example.text == same.text && example.text_pair == same.text_pair);
        CHECK(example.label == same.label && part.place_of(i) == whole.place_of(e));
      }
    }
    CHECK(e == whole.examples.size());
  }
}

void stream(const std::filesystem::path& path, TextPurpose purpose) {
  const TextData whole = read_text_data(path, purpose);
  CHECK(accepts([&] { compare_parts(whole, TextStream(path, purpose)); }));
}

}  // namespace

void fuzz(std::string_view input) {
  for (const char* name : {"data.tsv", "data.csv", "data.jsonl"}) {
    const std::filesystem::path path = put_input(name, input);
    accepts([&] { read(path, TextPurpose::kTrain, {}); });
    accepts([&] { read(path, TextPurpose::kPredict, {}); });
    accepts([&] { read(path, TextPurpose::kTrain, {.text = "1", .label = "2"}); });
    accepts([&] { stream(path, TextPurpose::kPredict); });
  }
  accepts([&] { read_label_lines(put_input("data.jsonl", input), 1); });
}

}  // namespace bertune
