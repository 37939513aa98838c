// SPDX-License-Identifier: Apache-2.0
// Token classification data: CoNLL columns, JSON lines of words and tags, and CLUENER spans, for
// several columns and schemes. Tags written for the entities decode to the same entities, and so do
// logits for these tags.
#include <algorithm>

#include "datasets/tagged/reader.h"
#include "fuzz/fuzz.h"
#include "fuzz/text_for_test.h"
#include "model/config.h"
#include "tasks/token_classification/decode.h"
#include "tasks/token_classification/windows.h"
#include "text/utf8.h"

namespace bertune {
namespace {

constexpr WindowLimits kLimits{.max_seq_length = 16, .doc_stride = 4};

const Tokenizer& tokenizer() {
  static const Tokenizer made(small_vocabulary(), Normalization{});
  return made;
}

void check_words(const TaggedText& text) {
  CHECK(is_valid_utf8(text.text));
  uint32_t end = 0;
  for (const WordRange& word : text.words) {
    CHECK(end <= word.begin && word.begin <= word.end && word.end <= text.text.size());
    CHECK(is_valid_utf8(std::string_view(text.text).substr(word.begin, word.end - word.begin)));
    end = word.end;
  }
}

void check_entities(const TaggedText& text, TagScheme scheme) {
  const auto words = static_cast<int32_t>(text.words.size());
  int32_t free = 0;  // the first word after the last entity
  for (const Entity& entity : text.entities) {
    CHECK(!entity.type.empty() && is_valid_utf8(entity.type));
    CHECK(free <= entity.first && entity.first <= entity.last && entity.last < words);
    free = entity.last + 1;
  }
  CHECK(find_entities(write_tags(text.entities, words, scheme)) == text.entities);
}

// Logits of a window as a perfect model would compute them.
std::vector<float> answer(std::span<const int32_t> targets, size_t labels) {
  std::vector<float> logits(targets.size() * labels);
  for (size_t row = 0; row < targets.size(); ++row) {
    CHECK(targets[row] == kIgnoredTarget || (targets[row] >= 0 && targets[row] < int64_t(labels)));
    if (targets[row] >= 0) logits[row * labels + static_cast<size_t>(targets[row])] = 1.0f;
  }
  return logits;
}

void check_answers(const TaggedData& data, const TokenDecoder& decoder, const Labels& labels) {
  for (size_t i = 0; i < data.texts.size(); ++i) {
    const TaggedText& text = data.texts[i];
    const std::vector<WordPrediction>& words = decoder.words()[i];
    for (const TaggedEntity& found : group_entities(text, words, labels))
      CHECK(is_valid_utf8(found.word) && 0 <= found.start && found.start <= found.end);
    const bool all = std::all_of(words.begin(), words.end(),
                                 [](const WordPrediction& word) { return word.label >= 0; });
    if (all) CHECK(find_entities(tags_of(words, labels)) == text.entities);
  }
}

void read(const std::filesystem::path& path, const TaggedColumns& columns) {
  const auto [data, info] = TaggedStream(path, Split::kTrain, columns).read_all();
  CHECK(!data.texts.empty() && info.scheme != TagScheme::kIob1);
  for (const TaggedText& text : data.texts) {
    check_words(text);
    check_entities(text, info.scheme);
  }
  const Labels labels = tag_set(find_types(info), info.scheme);
  BertConfig config;
  set_labels(labels, config);
  CHECK(labels_of(config.id2label) == labels);
  const TokenWindows windows = make_token_windows(tokenizer(), data, kLimits);
  const auto targets = tag_targets(data, windows, labels);
  TokenDecoder decoder(data, windows, static_cast<int64_t>(labels.size()));
  for (size_t w = 0; w < targets.size(); ++w) {
    const Window& window = windows.set.windows.at(w);
    CHECK(window.length() <= kLimits.max_seq_length);
    CHECK(targets[w].size() == static_cast<size_t>(window.length()));
    decoder.add_window(static_cast<int32_t>(w), answer(targets[w], labels.size()));
  }
  check_answers(data, decoder, labels);
}

// Reading in parts yields the same dataset.
void compare_parts(const TaggedStream::Whole& all, TaggedStream stream) {
  const TaggedData& whole = all.data;
  const TaggedInfo info = stream.validate();
  CHECK(info.unlabelled == all.info.unlabelled && info.characters == all.info.characters);
  CHECK(info.scheme == all.info.scheme && info.types == all.info.types);
  size_t i = 0;
  for (TaggedData part; stream.next(2, part);) {
    for (const TaggedText& text : part.texts) {
      const TaggedText& same = whole.texts.at(i++);
      CHECK(text.text == same.text && text.words.size() == same.words.size());
      CHECK(text.entities == same.entities);
    }
  }
  CHECK(i == whole.texts.size());
}

void stream(const std::filesystem::path& path) {
  const TaggedStream::Whole whole = TaggedStream(path, Split::kEvaluate).read_all();
  CHECK(accepts([&] { compare_parts(whole, TaggedStream(path, Split::kEvaluate)); }));
}

}  // namespace

void fuzz(std::string_view input) {
  const std::filesystem::path path = put_input("data.txt", input);
  accepts([&] { read(path, {}); });
  accepts([&] { read(path, {.word = 2, .tag = 1}); });
  accepts([&] { stream(path); });
  for (const TagScheme scheme :
       {TagScheme::kIob1, TagScheme::kIob2, TagScheme::kBioes, TagScheme::kBios}) {
    accepts([&] { read(path, {.scheme = scheme}); });
  }
}

}  // namespace bertune
