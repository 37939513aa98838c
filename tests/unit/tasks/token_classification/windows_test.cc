// SPDX-License-Identifier: Apache-2.0
// From tagged texts to windows and from logits to entities, checked by hand and against
// transformers' grouping.
#include "tasks/token_classification/windows.h"

#include <gtest/gtest.h>

#include "batch/batch.h"
#include "expect_error.h"
#include "golden_file.h"
#include "tasks/token_classification/decode.h"
#include "text/code_point_index.h"

namespace bertune {
namespace {

using Numbers = std::vector<int32_t>;
using Targets = std::vector<Numbers>;

// One-letter words; `zz` has two tokens.
Tokenizer letters() {
  std::vector<std::string> vocabulary{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "##z"};
  for (char c = 'a'; c <= 'z'; ++c) vocabulary.emplace_back(1, c);
  return Tokenizer(std::move(vocabulary), {});
}

TaggedData data_of(const std::vector<std::string>& words, std::vector<Entity> entities) {
  TaggedData data;
  data.texts.push_back(join_words(words));
  data.texts[0].entities = std::move(entities);
  return data;
}

constexpr int32_t kNone = kIgnoredTarget;
const Labels kLabels{"O", "B-X", "I-X"};

TEST(TokenWindows, LabelTheFirstPieceOfAWord) {
  const TaggedData data = data_of({"a", "zz", "b"}, {{"X", 1, 2}});
  const TokenWindows windows = make_token_windows(letters(), data, {});
  ASSERT_EQ(windows.set.windows.size(), 1u);
  EXPECT_EQ(tag_targets(data, windows, kLabels), (Targets{{kNone, 0, 1, kNone, 2, kNone}}));
  EXPECT_EQ(windows.set.texts[0][2].begin, 3u);  // offsets refer to the whole text
}

TEST(TokenWindows, CoverALongTextAndPredictEveryWordOnce) {
  const TaggedData data = data_of({"a", "b", "c", "d", "e", "f"}, {{"X", 0, 5}});
  testing::internal::CaptureStderr();
  const TokenWindows windows =
      make_token_windows(letters(), data, {.max_seq_length = 6, .doc_stride = 2});
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("1 of 1 texts are longer than a window"), std::string::npos) << log;
  ASSERT_EQ(windows.set.windows.size(), 2u);  // a b c d, c d e f
  Batch batch;
  pack(windows.set, Numbers{1}, batch);
  EXPECT_EQ(batch.ids, (Numbers{2, 8, 9, 10, 11, 3}));
  // c has more context in the first window, d in the second.
  EXPECT_EQ(tag_targets(data, windows, kLabels),
            (Targets{{kNone, 1, 2, 2, kNone, kNone}, {kNone, kNone, 2, 2, 2, kNone}}));
  expect_error(ErrorKind::kUsage, {"windows of 6 tokens cannot overlap by 4"}, [&] {
    make_token_windows(letters(), data, {.max_seq_length = 6, .doc_stride = 4});
  });
}

TEST(TokenWindows, CountWhatTheModelDoesNotKnow) {
  const TaggedData data = data_of({"a", "\u200b", "b"}, {});
  testing::internal::CaptureStderr();
  const TokenWindows windows = make_token_windows(letters(), data, {});
  EXPECT_EQ(tag_targets(data, windows, kLabels), (Targets{{kNone, 0, 0, kNone}}));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("1 words have no tokens"), std::string::npos) << log;
}

TEST(TokenWindows, RefuseTagsThatAreNotAmongTheLabels) {
  const TaggedData data = data_of({"a", "b"}, {{"Y", 1, 1}});
  const TokenWindows windows = make_token_windows(letters(), data, {});
  expect_error(ErrorKind::kInput, {"the tag B-Y of 'b' is not one of O, B-X, I-X"},
               [&] { tag_targets(data, windows, kLabels); });
}

TEST(TokenWindows, SplitWordsAsBertDoes) {
  const TaggedText text = split_words(letters(), "zz, \u4e2d\u4e2d");
  ASSERT_EQ(text.words.size(), 4u);
  EXPECT_EQ(text.words[0].end, 2u);
  EXPECT_EQ(text.words[1].begin, 2u);
  EXPECT_EQ(text.words[3].end, 10u);
}

// The logits of a window whose rows have these labels.
std::vector<float> logits_of(const Numbers& labels) {
  std::vector<float> logits;
  for (const int32_t label : labels) {
    for (int32_t l = 0; l < 3; ++l) logits.push_back(l == label ? 4.0f : 0.0f);
  }
  return logits;
}

TEST(TokenDecode, JoinsTheWindowsOfAText) {
  const TaggedData data = data_of({"a", "b", "c", "d", "e", "f"}, {});
  testing::internal::CaptureStderr();
  const TokenWindows windows =
      make_token_windows(letters(), data, {.max_seq_length = 6, .doc_stride = 2});
  testing::internal::GetCapturedStderr();
  TokenDecoder decoder(data, windows, 3);
  decoder.add_window(1, logits_of({0, 0, 2, 0, 1, 0}));  // d continues, f begins
  decoder.add_window(0, logits_of({0, 0, 0, 1, 0, 0}));  // c begins
  const auto entities = group_entities(data.texts[0], decoder.words()[0], kLabels);
  ASSERT_EQ(entities.size(), 2u);
  EXPECT_EQ(entities[0].word, "c d");
  EXPECT_EQ(entities[0].start, 4);
  EXPECT_EQ(entities[0].end, 7);
  EXPECT_EQ(entities[1].word, "f");
}

TEST(TokenDecode, GoesThroughWordsWithoutPieces) {
  const std::vector<WordPrediction> words{{1, 0.8}, {-1, 0.0}, {2, 0.6}, {-1, 0.0}, {0, 0.9}};
  EXPECT_EQ(tags_of(words, kLabels), (std::vector<std::string>{"B-X", "I-X", "I-X", "O", "O"}));
  const TaggedData data = data_of({"a", "\u200b", "b", "\u200b", "c"}, {});
  const auto entities = group_entities(data.texts[0], words, kLabels);
  ASSERT_EQ(entities.size(), 1u);
  EXPECT_DOUBLE_EQ(entities[0].score, 0.7);
  EXPECT_EQ(entities[0].end, 5);
}

// A text with the words of a golden case, which counts in code points.
TaggedText text_of(const nlohmann::json& golden) {
  TaggedText text{.text = golden["text"].get<std::string>(), .words = {}, .entities = {}};
  const CodePointIndex index(text.text);
  for (const auto& word : golden["words"]) {
    text.words.push_back({static_cast<uint32_t>(index.byte_of(word[0])),
                          static_cast<uint32_t>(index.byte_of(word[1]))});
  }
  return text;
}

// The predictions for words in order, each with one row of `logits`.
std::vector<WordPrediction> predict_words(const TaggedText& text, const nlohmann::json& logits) {
  const auto words = static_cast<int32_t>(text.words.size());
  const size_t labels = logits[0].size();
  TokenWindows windows;
  windows.set.windows.push_back({.example = 0, .first = 0, .first_length = words});
  windows.words_begin = {0, words};
  std::vector<float> all(labels);  // [CLS]
  for (int32_t word = 0; word < words; ++word) {
    windows.words.push_back({word, word + 1});
    for (const auto& logit : logits[word]) all.push_back(logit);
  }
  all.resize(all.size() + labels);  // [SEP]
  TaggedData data;
  data.texts.push_back(text);
  TokenDecoder decoder(data, windows, static_cast<int64_t>(labels));
  decoder.add_window(0, all);
  return decoder.words()[0];
}

TEST(TokenDecode, GroupsAsTransformersDoes) {
  const Labels labels{"O", "B-PER", "I-PER", "B-LOC", "I-LOC"};
  for (const auto& golden : read_golden("entities.json", "cases")) {
    const TaggedText text = text_of(golden);
    const auto entities = group_entities(text, predict_words(text, golden["logits"]), labels);
    ASSERT_EQ(entities.size(), golden["expected"].size()) << golden;
    for (size_t e = 0; e < entities.size(); ++e) {
      const auto& expected = golden["expected"][e];
      EXPECT_EQ(entities[e].entity_group, expected["entity_group"]);
      EXPECT_EQ(entities[e].word, expected["word"]);
      EXPECT_EQ(entities[e].start, expected["start"]);
      EXPECT_EQ(entities[e].end, expected["end"]);
      EXPECT_NEAR(entities[e].score, expected["score"].get<double>(),
                  1e-6);  // the golden scores are computed in float
    }
  }
}

}  // namespace
}  // namespace bertune
