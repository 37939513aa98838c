// SPDX-License-Identifier: Apache-2.0
// Examples that a program makes are read as the same records of a file are, and errors name their
// index.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "datasets/raw_text/reader.h"
#include "datasets/squad/reader.h"
#include "datasets/table/reader.h"
#include "datasets/tagged/reader.h"
#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

using Lines = std::vector<std::string>;

Dataset examples_of(Lines lines) {
  const ExampleSource source = [lines = std::move(lines)]() -> NextExample {
    return [lines, next = size_t{0}](std::string& json) mutable {
      if (next == lines.size()) return false;
      json = lines[next++];
      return true;
    };
  };
  return {source, "made"};
}

template <typename Stream, typename... Settings>
std::pair<typename Stream::Data, typename Stream::Info> read(const Dataset& dataset,
                                                             const Settings&... settings) {
  Stream stream(dataset, Split::kTrain, settings...);
  stream.validate();  // a pass before, as evaluation makes it
  auto whole = stream.read_all();
  return {std::move(whole.data), std::move(whole.info)};
}

template <typename Stream, typename... Settings>
void refuses(const Lines& lines, const std::string& part, const Settings&... settings) {
  expect_error(ErrorKind::kInput, {"'made'", part},
               [&] { Stream(examples_of(lines), Split::kTrain, settings...).validate(); });
}

const Lines kQuestions = {
    R"({"id": "q1", "context": "a b c", "question": "b?", "answers": {"text": ["c"], "answer_start": [4]}})",
    R"({"context": "a b c", "question": "a?", "answers": {"text": ["b"], "answer_start": [2]}})"};

TEST(ExamplesOfQuestions, AreReadAsLinesOfAFile) {
  const auto [data, info] = read<SquadStream>(examples_of(kQuestions));
  ASSERT_EQ(data.examples.size(), 2u);
  EXPECT_EQ(data.contexts, Lines{"a b c"});
  EXPECT_EQ(data.examples[0].id, "q1");
  EXPECT_EQ(data.examples[1].id, "1");  // its index
  EXPECT_EQ(data.examples[1].answers.at(0).begin, 2);
  EXPECT_EQ(info.examples, 2);
  EXPECT_FALSE(info.version2);
}

TEST(ExamplesOfQuestions, ErrorsNameTheIndexAndTheField) {
  refuses<SquadStream>({kQuestions[0], R"({"context": "a"})"}, "index 1: the key 'question'");
  refuses<SquadStream>({R"({"context": 1})"}, "index 0: context must be a string");
  refuses<SquadStream>({kQuestions[0], "[]"}, "index 1: an example must be an object");
  refuses<SquadStream>({"{"}, "index 0: not JSON");
  refuses<SquadStream>({}, "holds no question");
}

TEST(ExamplesOfTexts, AreReadAsRecordsOfAFile) {
  const auto [data, info] = read<TextStream>(
      examples_of({R"({"text": "x", "label": "no"})", R"({"text": "y", "label": 1})"}));
  ASSERT_EQ(data.examples.size(), 2u);
  EXPECT_EQ(data.examples[1].text, "y");
  EXPECT_EQ(data.examples[1].label, "1");
  EXPECT_EQ(data.place_of(1), "'made', index 1");
  EXPECT_EQ(info.files, std::vector<std::filesystem::path>{"made"});
}

TEST(ExamplesOfTexts, TakeColumnsAndNamesOfNumbers) {
  const TextColumns columns{.text = "review", .label = "stars", .names = {"bad", "good"}};
  const auto [data, info] = read<TextStream>(
      examples_of({R"({"review": "x", "stars": 1})", R"({"review": "y", "stars": "bad"})",
                   R"({"review": "z", "stars": 2})"}),
      columns);
  EXPECT_EQ(data.examples[0].label, "good");
  EXPECT_EQ(data.examples[1].label, "bad");
  EXPECT_EQ(data.examples[2].label, "2") << "has no name";
}

TEST(ExamplesOfTexts, ErrorsNameTheIndexAndTheField) {
  const std::string good = R"({"text": "x", "label": "no"})";
  refuses<TextStream>({good, R"({"text": 3, "label": "no"})"}, "index 1");
  refuses<TextStream>({good, R"({"text": "x", "label": null})"}, "index 1: the row has no label");
  refuses<TextStream>({good, R"("x")"}, "index 1: expected an object, not a string");
  refuses<TextStream>({good, "\xFF"}, "index 1: not JSON");
}

TEST(ExamplesOfWords, AreReadAsRecordsOfAFile) {
  const TaggedColumns columns{.names = {"O", "B-PER"}};
  const auto [data, info] = read<TaggedStream>(
      examples_of({R"({"tokens": ["Anna", "sat"], "ner_tags": [1, 0]})"}), columns);
  ASSERT_EQ(data.texts.size(), 1u);
  ASSERT_EQ(data.texts[0].entities.size(), 1u);
  EXPECT_EQ(data.texts[0].entities[0].type, "PER");
  refuses<TaggedStream>({R"({"tokens": ["Anna"], "ner_tags": [7]})"}, "index 0: the tag 7",
                        columns);
  refuses<TaggedStream>({R"({"tokens": ["Anna"], "ner_tags": []})", R"({"text": "x"})"},
                        "index 1: some records have words", columns);
}

TEST(ExamplesOfRawText, AreDocuments) {
  const auto [data, info] =
      read<RawTextStream>(examples_of({R"({"text": "one"})", R"({"text": "two\nlines"})"}));
  ASSERT_EQ(data.texts.size(), 2u);
  EXPECT_EQ(data.texts[1].text, "two\nlines");
  EXPECT_TRUE(data.texts[1].ends_document);
  refuses<RawTextStream>({R"({"text": "one"})", R"({"txt": "two"})"}, "index 1: the key 'text'");
}

TEST(ExamplesOfRawText, MayBeMaskedWindows) {
  const auto [data, info] =
      read<RawTextStream>(examples_of({R"({"input_ids": [2, 5, 3], "labels": [-100, 7, -100]})"}));
  ASSERT_EQ(data.masked.size(), 1u);
  EXPECT_EQ(data.masked[0].place, "'made', index 0");
}

TEST(Examples, ArePulledOneByOneAndAnewForEachPass) {
  int passes = 0, pulled = 0;
  const ExampleSource source = [&]() -> NextExample {
    ++passes;
    return [&, left = 1000](std::string& json) mutable {
      if (left-- == 0) return false;
      ++pulled;
      json = R"({"text": "x", "label": "no"})";
      return true;
    };
  };
  TextStream stream(Dataset(source), Split::kEvaluate);
  TextData part;
  EXPECT_EQ(passes, 0) << "nothing is read before it is needed";
  EXPECT_TRUE(stream.next(10, part));
  EXPECT_EQ(part.size(), 10u);
  EXPECT_EQ(pulled, 10);
  stream.rewind();
  EXPECT_EQ(stream.validate().examples, 1000);
  EXPECT_EQ(passes, 2);
  EXPECT_TRUE(stream.next(2000, part));
  EXPECT_EQ(part.size(), 1000u);
  EXPECT_EQ(passes, 3);
  EXPECT_FALSE(stream.next(1, part));
  EXPECT_EQ(passes, 3);
}

TEST(Examples, WhatTheSourceThrowsReachesTheCaller) {
  const ExampleSource source = []() -> NextExample {
    return [](std::string&) -> bool { throw std::out_of_range("enough"); };
  };
  EXPECT_THROW(SquadStream(Dataset(source), Split::kTrain).validate(), std::out_of_range);
}

}  // namespace
}  // namespace bertune
