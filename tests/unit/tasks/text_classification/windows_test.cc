// SPDX-License-Identifier: Apache-2.0
// From texts and pairs to windows, truncated as Hugging Face's tokenizers does.
#include "tasks/text_classification/windows.h"

#include <gtest/gtest.h>

#include "batch/batch.h"
#include "expect_error.h"
#include "golden_file.h"
#include "tasks/logits.h"
#include "tasks/text_classification/decode.h"

namespace bertune {
namespace {

using Numbers = std::vector<int32_t>;

Tokenizer golden_tokenizer() {
  std::vector<std::string> vocabulary;
  std::ifstream file(golden_path("vocab.txt"));
  for (std::string line; std::getline(file, line);) vocabulary.push_back(line);
  return Tokenizer(std::move(vocabulary), {});
}

TextData data_of(const std::vector<std::string>& texts) {
  TextData data;
  data.examples.push_back(
      {.text = texts[0], .text_pair = texts.size() == 2 ? texts[1] : "", .label = ""});
  return data;
}

TEST(TextWindows, CutTheLongerTextFirst) {
  const auto kept = [](int32_t first, int32_t second, int32_t room) {
    const KeptTokens tokens = cut_longest_first(first, second, room);
    return std::pair(tokens.first, tokens.second);
  };
  EXPECT_EQ(kept(3, 4, 7), std::pair(3, 4));
  EXPECT_EQ(kept(3, 9, 7), std::pair(3, 4));
  EXPECT_EQ(kept(9, 3, 7), std::pair(4, 3));
  EXPECT_EQ(kept(9, 9, 7),
            std::pair(3, 4));  // if both are equally long, the second keeps the odd token
  EXPECT_EQ(kept(10, 9, 7), std::pair(4, 3));
  EXPECT_EQ(kept(0, 9, 7), std::pair(0, 7));
}

TEST(TextWindows, EqualTheReferenceTokenizer) {
  const Tokenizer tokenizer = golden_tokenizer();
  testing::internal::CaptureStderr();  // the warning that texts are truncated
  for (const auto& golden : read_golden("text_windows.json", "cases")) {
    const auto texts = golden["texts"].get<std::vector<std::string>>();
    const WindowSet set =
        make_text_windows(tokenizer, data_of(texts),
                          {.max_seq_length = golden["length"], .pairs = texts.size() == 2});
    Batch batch;
    pack(set, Numbers{0}, batch);
    EXPECT_EQ(batch.ids, golden["ids"].get<Numbers>()) << golden;
    EXPECT_EQ(batch.types, golden["types"].get<Numbers>()) << golden;
  }
  testing::internal::GetCapturedStderr();
}

TEST(TextWindows, AreCutWithAWarning) {
  testing::internal::CaptureStderr();
  make_text_windows(golden_tokenizer(), data_of({"the is in the is in"}), {.max_seq_length = 6});
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("1 of 1 examples were cut at 6 tokens"), std::string::npos) << log;
  expect_error(ErrorKind::kUsage, {"max_seq_length is 3", "3 special tokens"}, [] {
    make_text_windows(golden_tokenizer(), data_of({"a", "b"}),
                      {.max_seq_length = 3, .pairs = true});
  });
}

TEST(TextDecode, RanksLabelsByTheirSoftmax) {
  const auto ranked = rank_labels(std::vector<float>{0.0f, 1.0f, 0.0f}, {"a", "b", "c"}, 2);
  ASSERT_EQ(ranked.size(), 2u);
  EXPECT_EQ(ranked[0].label, "b");
  EXPECT_NEAR(ranked[0].score, 0.57611688, 1e-8);
  EXPECT_EQ(ranked[1].label, "a");
  EXPECT_EQ(rank_labels(std::vector<float>{0.0f, 1.0f}, {"a", "b"}, 9).size(), 2u);
  expect_error(ErrorKind::kNumerical, {"not finite"}, [] {
    softmax(std::vector<float>{0.0f, NAN});
  });
}

}  // namespace
}  // namespace bertune
