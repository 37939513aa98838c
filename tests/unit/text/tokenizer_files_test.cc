// SPDX-License-Identifier: Apache-2.0
// Which file of a folder provides which setting, and which files are refused. Every error names the
// file and has a hint.
#include "text/tokenizer_files.h"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "bertune/error.h"
#include "bertune/tokenizer.h"
#include "folder_for_test.h"

namespace bertune {
namespace {

using nlohmann::json;
using Strings = std::vector<std::string>;

constexpr const char* kVocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n";

json bert_json() {
  return json::parse(R"({
    "truncation": {"max_length": 128}, "padding": {"length": 128},
    "added_tokens": [{"id": 0, "content": "[PAD]", "special": true},
                     {"id": 4, "content": "[MASK]", "special": true}],
    "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                   "strip_accents": null, "lowercase": false},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 100,
              "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "a": 5, "##b": 6}}})");
}

void expect_error(ErrorKind kind, const std::string& message, const std::function<void()>& action) {
  try {
    action();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.message();
    EXPECT_NE(error.message().find(message), std::string::npos) << error.message();
    EXPECT_FALSE(error.hint().empty());
  }
}

class TokenizerFilesTest : public testing::Test {
 protected:
  Normalization normalization(std::optional<bool> lower_case = {}) {
    return read_tokenizer_files(folder_.path(), lower_case).normalization;
  }

  void expect_refused(const std::string& message) {
    expect_error(ErrorKind::kInput, folder_.path().string(), [&] { load(); });
    expect_error(ErrorKind::kInput, message, [&] { load(); });
  }

  void load() { Tokenizer::load(folder_.path()); }

  FolderForTest folder_;
};

TEST_F(TokenizerFilesTest, VocabularyLinesEndAtNewlinesOnly) {
  folder_.write("vocab.txt", "[PAD]\n\n \u2028\na\r b\n\u00a0\nlast");
  EXPECT_EQ(read_tokenizer_files(folder_.path()).vocabulary,
            (Strings{"[PAD]", "", " \u2028", "a\r b", "\u00a0", "last"}));
}

TEST_F(TokenizerFilesTest, AVocabularyWithWindowsLineEndsIsRead) {
  folder_.write("vocab.txt", "[PAD]\r\na\r\n");
  EXPECT_EQ(read_tokenizer_files(folder_.path()).vocabulary, (Strings{"[PAD]", "a"}));
}

TEST_F(TokenizerFilesTest, LowerCasesWhereNothingIsSaid) {
  folder_.write("vocab.txt", kVocabulary);
  testing::internal::CaptureStderr();
  EXPECT_EQ(normalization(), (Normalization{true, true, true}));
  EXPECT_NE(testing::internal::GetCapturedStderr().find("text is lower-cased"), std::string::npos);
}

TEST_F(TokenizerFilesTest, ConfigComesBeforeTokenizerJson) {
  folder_.write("vocab.txt", kVocabulary);
  folder_.write("tokenizer.json", bert_json().dump());
  EXPECT_EQ(normalization(), (Normalization{false, false, true}));
  folder_.write("tokenizer_config.json",
                R"({"do_lower_case": true, "tokenize_chinese_chars": false})");
  testing::internal::CaptureStderr();
  EXPECT_EQ(normalization(), (Normalization{true, true, false}));
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("sets do_lower_case to true, tokenizer.json to false"), std::string::npos)
      << said;
  EXPECT_NE(said.find("sets tokenize_chinese_chars to false"), std::string::npos) << said;
}

TEST_F(TokenizerFilesTest, StrippingAccentsFollowsLowerCaseUnlessSaid) {
  folder_.write("vocab.txt", kVocabulary);
  folder_.write("tokenizer_config.json", R"({"do_lower_case": true, "strip_accents": null})");
  EXPECT_EQ(normalization(), (Normalization{true, true, true}));
  EXPECT_EQ(normalization(false), (Normalization{false, false, true})) << "the override";
  folder_.write("tokenizer_config.json", R"({"do_lower_case": true, "strip_accents": false})");
  EXPECT_EQ(normalization(), (Normalization{true, false, true}));
}

TEST_F(TokenizerFilesTest, TokenizerJsonAloneIsEnough) {
  folder_.write("tokenizer.json", bert_json().dump());
  const Tokenizer tokenizer = Tokenizer::load(folder_.path());
  EXPECT_EQ(tokenizer.vocabulary(),
            (Strings{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b"}));
  std::vector<Token> tokens;
  tokenizer.tokenize("ab[MASK]", tokens);
  EXPECT_EQ(tokens, (std::vector<Token>{{5, 0, 1}, {6, 1, 2}, {4, 2, 8}}));
}

TEST_F(TokenizerFilesTest, WarnsWhereCasingAndVocabularyDoNotGoTogether) {
  folder_.write("vocab.txt", std::string(kVocabulary) + "A\nB\n");
  folder_.write("tokenizer_config.json", R"({"do_lower_case": true})");
  testing::internal::CaptureStderr();
  normalization();
  EXPECT_NE(testing::internal::GetCapturedStderr().find("capital letters"), std::string::npos);
  folder_.write("vocab.txt", kVocabulary);
  testing::internal::CaptureStderr();
  normalization(false);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("none of 7 pieces"), std::string::npos);
}

TEST_F(TokenizerFilesTest, WarnsOfRepeatedPiecesAndTakesTheLast) {
  folder_.write("vocab.txt", std::string(kVocabulary) + "a\n");
  testing::internal::CaptureStderr();
  const Tokenizer tokenizer = Tokenizer::load(folder_.path(), true);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("'a' in lines 6 and 8"), std::string::npos);
  std::vector<Token> tokens;
  tokenizer.tokenize("a", tokens);
  EXPECT_EQ(tokens, (std::vector<Token>{{7, 0, 1}}));
}

TEST_F(TokenizerFilesTest, WarnsWhereTheVocabulariesDiffer) {
  folder_.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nz\n##b\n");
  folder_.write("tokenizer.json", bert_json().dump());
  testing::internal::CaptureStderr();
  EXPECT_EQ(read_tokenizer_files(folder_.path()).vocabulary[5], "z");
  EXPECT_NE(testing::internal::GetCapturedStderr().find("id 5 is 'z' in vocab.txt"),
            std::string::npos);
}

TEST_F(TokenizerFilesTest, WarnsInShortOfManyAddedTokens) {
  json file = bert_json();
  for (int i = 0; i < 40'000; ++i)
    file["added_tokens"].push_back(
        {{"id", 100 + i}, {"content", "<extra_" + std::to_string(i) + ">"}});
  folder_.write("tokenizer.json", file.dump());
  testing::internal::CaptureStderr();
  read_tokenizer_files(folder_.path());
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("40000 added tokens are treated as ordinary text: <extra_0>, "), log.npos);
  EXPECT_LT(log.size(), 2000u);
}

TEST_F(TokenizerFilesTest, RefusesAFolderWithoutTokenizer) {
  expect_error(ErrorKind::kSystem, folder_.path().string() + ": contains neither vocab.txt",
               [&] { load(); });
  expect_error(ErrorKind::kSystem, "/nowhere: no such folder", [] { Tokenizer::load("/nowhere"); });
}

TEST_F(TokenizerFilesTest, RefusesBadVocabularies) {
  folder_.write("vocab.txt", "");
  expect_refused("the vocabulary is empty");
  folder_.write("vocab.txt", "[PAD]\n[CLS]\n[SEP]\n[MASK]\na\n");
  expect_refused("has no [UNK]");
  folder_.write("vocab.txt", std::string(kVocabulary) + "\xFF\n");
  expect_refused("line 8 is not valid UTF-8");
}

TEST_F(TokenizerFilesTest, RefusesOtherTokenizersByName) {
  const auto refuse = [&](const char* part, const char* name, const json& value,
                          const std::string& message) {
    json file = bert_json();
    file[part][name] = value;
    folder_.write("tokenizer.json", file.dump());
    expect_refused(message);
  };
  refuse("model", "type", "BPE", "its model has type \"BPE\"");
  refuse("model", "unk_token", "<unk>", "its model has unk_token \"<unk>\"");
  refuse("model", "vocab", json::object(), "its model has no vocab");
  refuse("model", "vocab", {{"a", -1}}, "the id of 'a' is not valid: -1");
  refuse("model", "vocab", {{"a", 16000000}},
         "the id of 'a' is 16000000, far above the number of pieces, 1");
  refuse("normalizer", "type", "NFC", "its normalizer has type \"NFC\"");
  refuse("normalizer", "clean_text", false, "its normalizer has clean_text false");
  refuse("normalizer", "lowercase", "yes", "lowercase is \"yes\"");
  refuse("pre_tokenizer", "type", "Whitespace", "its pre_tokenizer has type \"Whitespace\"");
}

TEST_F(TokenizerFilesTest, RefusesMoreLinesThanIdsBeforeItTakesMemory) {
  folder_.write("vocab.txt", std::string(1 << 24, '\n'));
  expect_refused("16777217 lines are too many for a vocabulary");
}

TEST_F(TokenizerFilesTest, RefusesBrokenJson) {
  folder_.write("vocab.txt", kVocabulary);
  folder_.write("tokenizer_config.json", R"({"do_lower_case": )");
  expect_refused("tokenizer_config.json: not valid JSON at byte");
  folder_.write("tokenizer_config.json", "[]");
  expect_refused("not a JSON object");
  folder_.write("tokenizer_config.json", R"({"do_lower_case": "false"})");
  expect_refused("do_lower_case is \"false\", not true or false");
}

}  // namespace
}  // namespace bertune
