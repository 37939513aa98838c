// SPDX-License-Identifier: Apache-2.0
// CLUENER data from text to entities and back, on sentences tagged by hand. A word is a character,
// offsets count code points, and end offsets are inclusive in the file but exclusive in our
// results.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "datasets/tagged/reader.h"
#include "tasks/labels.h"
#include "tasks/token_classification/decode.h"
#include "tasks/token_classification/windows.h"
#include "temporary_folder.h"
#include "text/code_point_index.h"
#include "unit/tasks/token_classification/cluener_sentences.h"

namespace bertune {
namespace {

using nlohmann::json;
using Tags = std::vector<std::string>;

Labels labels() {
  std::vector<std::string> types;
  for (const HandType& type : hand_types()) types.push_back(type.name);
  return tag_set(types, TagScheme::kBios);
}

std::string type_of(char letter) {
  for (const HandType& type : hand_types()) {
    if (type.letter == letter) return type.name;
  }
  throw std::invalid_argument(std::string("no type has the letter ") + letter);
}

Tags tags_of(const HandSentence& sentence) {
  Tags tags;
  std::istringstream words(sentence.tags);
  for (std::string tag; words >> tag;) {
    tags.push_back(tag == "O" ? tag : tag.substr(0, 1) + "-" + type_of(tag.at(1)));
  }
  return tags;
}

std::string slice(const std::string& text, int64_t start, int64_t end) {
  const CodePointIndex index(text);
  return text.substr(index.byte_of(start), index.byte_of(end) - index.byte_of(start));
}

// A line of the dataset, whose end offsets are inclusive.
json line_of(const HandSentence& sentence) {
  json label = json::object();
  for (const HandSpan& span : sentence.spans) {
    label[span.type][span.text].push_back({span.start, span.end - 1});
  }
  return {{"text", sentence.text}, {"label", std::move(label)}};
}

// The logits of a window in which every word is assigned its tag.
std::vector<float> logits_of(const TokenWindows& windows, int32_t window, const Tags& tags,
                             const Labels& labels) {
  const LabelIndex index(labels);
  std::vector<float> logits(windows.set.windows[window].length() * labels.size());
  for (const WordRow& word : windows.words_of(window)) {
    logits[word.row * labels.size() + index.find(tags.at(word.word))] = 9.0f;
  }
  return logits;
}

std::vector<TaggedEntity> decode(const HandSentence& sentence, const WindowLimits& limits) {
  static const Tokenizer tokenizer =
      Tokenizer::load(std::filesystem::path(BERTUNE_TEST_DATA) / "text" / "chinese");
  TaggedData data{.texts = {split_characters(sentence.text)}};
  const TokenWindows windows = make_token_windows(tokenizer, data, limits);
  TokenDecoder decoder(data, windows, static_cast<int64_t>(labels().size()));
  for (int32_t w = 0; w < static_cast<int32_t>(windows.set.windows.size()); ++w) {
    decoder.add_window(w, logits_of(windows, w, tags_of(sentence), labels()));
  }
  return group_entities(data.texts[0], decoder.words()[0], labels());
}

TaggedStream::Whole read_lines(const std::string& lines) {
  const TemporaryFolder folder;
  return TaggedStream(put_file(folder / "train.json", lines), Split::kTrain).read_all();
}

void expect_spans(const HandSentence& sentence, const std::vector<TaggedEntity>& entities) {
  ASSERT_EQ(entities.size(), sentence.spans.size());
  for (size_t i = 0; i < entities.size(); ++i) {
    EXPECT_EQ(entities[i].entity_group, sentence.spans[i].type);
    EXPECT_EQ(entities[i].word, sentence.spans[i].text);
    EXPECT_EQ(entities[i].start, sentence.spans[i].start);
    EXPECT_EQ(entities[i].end, sentence.spans[i].end);
    EXPECT_GT(entities[i].score, 0.99);
  }
}

TEST(Cluener, SpansByHandHoldTheirTexts) {
  ASSERT_EQ(hand_sentences().size(), 20u);
  for (const HandSentence& sentence : hand_sentences()) {
    for (const HandSpan& span : sentence.spans) {
      EXPECT_EQ(slice(sentence.text, span.start, span.end), span.text) << sentence.text;
    }
  }
}

TEST(Cluener, EveryCharacterButWhiteSpaceHasATag) {
  for (const HandSentence& sentence : hand_sentences()) {
    EXPECT_EQ(split_characters(sentence.text).words.size(), tags_of(sentence).size())
        << sentence.text;
  }
}

TEST(Cluener, LogitsOfTheTagsGiveTheEntities) {
  for (const HandSentence& sentence : hand_sentences()) {
    SCOPED_TRACE(sentence.text);
    expect_spans(sentence, decode(sentence, {.max_seq_length = 128, .doc_stride = 32}));
  }
}

TEST(Cluener, TheyDoOverSeveralWindows) {
  testing::internal::CaptureStderr();  // the warning about texts longer than a window
  for (const HandSentence& sentence : hand_sentences()) {
    SCOPED_TRACE(sentence.text);
    expect_spans(sentence, decode(sentence, {.max_seq_length = 6, .doc_stride = 2}));
  }
  testing::internal::GetCapturedStderr();
}

TEST(Cluener, LinesOfTheFileGiveTheTags) {
  std::string lines;
  for (const HandSentence& sentence : hand_sentences()) lines += line_of(sentence).dump() + "\n";
  testing::internal::CaptureStderr();
  const auto [data, info] = read_lines(lines);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");  // no span was dropped
  EXPECT_TRUE(info.characters);
  EXPECT_EQ(info.scheme, TagScheme::kBios);
  ASSERT_EQ(data.texts.size(), hand_sentences().size());
  for (size_t i = 0; i < data.texts.size(); ++i) {
    const auto words = static_cast<int32_t>(data.texts[i].words.size());
    EXPECT_EQ(data.texts[i].text, hand_sentences()[i].text);
    EXPECT_EQ(write_tags(data.texts[i].entities, words, info.scheme), tags_of(hand_sentences()[i]))
        << data.texts[i].text;
  }
}

TEST(Cluener, EntitiesGiveTheLinesOfTheFile) {
  for (const HandSentence& sentence : hand_sentences()) {
    HandSentence decoded{.text = sentence.text, .tags = {}, .spans = {}};
    for (const TaggedEntity& entity : decode(sentence, {})) {
      decoded.spans.push_back({entity.entity_group, entity.word, entity.start, entity.end});
    }
    EXPECT_EQ(line_of(decoded), line_of(sentence));
  }
}

// A line exactly as the dataset contains it, so that none of it comes from our own code.
TEST(Cluener, EndsOfTheFileAreInclusive) {
  const auto [data, info] = read_lines(
      R"({"text": "我在腾讯玩王者荣耀", "label": {"company": {"腾讯": [[2, 3]]}, "game": {"王者荣耀": [[5, 8]]}}})");
  EXPECT_EQ(data.texts[0].entities, (std::vector<Entity>{{"company", 2, 3}, {"game", 5, 8}}));
}

}  // namespace
}  // namespace bertune
