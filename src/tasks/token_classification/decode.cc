// SPDX-License-Identifier: Apache-2.0
#include "tasks/token_classification/decode.h"

#include "base/check.h"
#include "datasets/tagged/tags.h"
#include "tasks/logits.h"
#include "text/code_point_index.h"

namespace bertune {
namespace {

// The tag of a word without a prediction between words with these tags.
std::string tag_between(const std::string& before, const std::string& after) {
  const Tag left = parse_tag(before), right = parse_tag(after);
  const bool open = left.prefix == 'B' || left.prefix == 'I';
  const bool inside = right.prefix == 'I' || right.prefix == 'E';
  return open && inside && left.type == right.type ? "I-" + std::string(left.type) : "O";
}

}  // namespace

TokenDecoder::TokenDecoder(const TaggedData& data, const TokenWindows& windows, int64_t labels)
    : windows_(windows), labels_(labels) {
  for (const TaggedText& text : data.texts) words_.emplace_back(text.words.size());
}

void TokenDecoder::add_window(int32_t window, std::span<const float> logits) {
  const Window& place = windows_.set.windows[window];
  CHECK(static_cast<int64_t>(logits.size()) == place.length() * labels_);
  for (const WordRow& word : windows_.words_of(window)) {
    const auto row = logits.subspan(word.row * labels_, labels_);
    const int32_t label = best_label(row);
    words_[place.example][word.word] = {label, softmax(row)[label]};
  }
}

std::vector<std::string> tags_of(std::span<const WordPrediction> words, const Labels& labels) {
  std::vector<std::string> tags(words.size(), "O");
  std::string after = "O";  // the tag of the next word with a prediction
  std::vector<std::string> next(words.size());
  for (size_t i = words.size(); i-- > 0;) {
    next[i] = after;
    if (words[i].label >= 0) after = labels[words[i].label];
  }
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string before = i > 0 ? tags[i - 1] : "O";
    tags[i] = words[i].label >= 0 ? labels[words[i].label] : tag_between(before, next[i]);
  }
  return tags;
}

std::vector<TaggedEntity> group_entities(const TaggedText& text,
                                         std::span<const WordPrediction> words,
                                         const Labels& labels) {
  const CodePointIndex code_points(text.text);
  std::vector<TaggedEntity> entities;
  for (const Entity& entity : find_entities(tags_of(words, labels))) {
    double sum = 0.0;
    int64_t predicted = 0;
    for (int32_t word = entity.first; word <= entity.last; ++word) {
      sum += words[word].score;
      predicted += words[word].label >= 0;
    }
    const uint32_t begin = text.words[entity.first].begin, end = text.words[entity.last].end;
    entities.push_back({.entity_group = entity.type,
                        .score = sum / static_cast<double>(predicted),
                        .word = text.text.substr(begin, end - begin),
                        .start = code_points.code_point_of(begin),
                        .end = code_points.code_point_of(end)});
  }
  return entities;
}

}  // namespace bertune
