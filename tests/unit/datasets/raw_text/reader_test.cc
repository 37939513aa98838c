// SPDX-License-Identifier: Apache-2.0
// Raw text: lines grouped into documents, JSON records, and masked windows.
#include "datasets/raw_text/reader.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

RawTextStream::Whole read(const std::string& name, std::string_view content) {
  const TemporaryFolder folder;
  return RawTextStream(put_file(folder / name, content), Split::kTrain).read_all();
}

// The texts, with "|" at the end of each document.
std::vector<std::string> texts_of(const RawTextData& data) {
  std::vector<std::string> texts;
  for (const RawText& text : data.texts)
    texts.push_back(text.text + (text.ends_document ? "|" : ""));
  return texts;
}

using Strings = std::vector<std::string>;

TEST(RawText, EndsDocumentsAtBlankLines) {
  const auto [data, info] = read("a.txt", "\uFEFFone\r\ntwo\n \t\nthree");
  EXPECT_EQ(texts_of(data), (Strings{"one", "two", " \t|", "three"}));
  EXPECT_EQ(info.examples, 3);
}

TEST(RawText, ReadsRecordsAsDocuments) {
  EXPECT_EQ(texts_of(read("a.jsonl", "{\"text\": \"one\"}\n\n{\"text\": \"two\"}\n").data),
            (Strings{"one|", "two|"}));
  EXPECT_EQ(texts_of(read("a.json", "[{\"text\": \"one\"}]").data), Strings{"one|"});
  EXPECT_EQ(texts_of(read("a.txt", "{\"text\": \"one\"}\n").data), Strings{"{\"text\": \"one\"}"});
}

TEST(RawText, ReadsMaskedWindows) {
  const RawTextData data =
      read("a.jsonl", "\n{\"input_ids\": [2, 8, 4294967300], \"labels\": [-100, 9, 1]}\n").data;
  ASSERT_EQ(data.masked.size(), 1u);
  EXPECT_EQ(data.masked[0].ids, (std::vector<int32_t>{2, 8, 2147483647}));
  EXPECT_EQ(data.masked[0].labels, (std::vector<int32_t>{-100, 9, 1}));
  EXPECT_TRUE(data.masked[0].place.ends_with("a.jsonl', line 2"));
  expect_error(ErrorKind::kInput, {"line 1", "1 input_ids, but 2 labels"},
               [] { read("a.jsonl", "{\"input_ids\": [2], \"labels\": [1, 1]}\n"); });
  expect_error(ErrorKind::kInput, {"line 2", "some records have input_ids and others do not"}, [] {
    read("a.jsonl", "{\"text\": \"a\"}\n{\"input_ids\": [2], \"labels\": [1]}\n");
  });
}

TEST(RawText, RefusesFilesWithoutText) {
  for (const char* content : {"", "\n \n", "{\"text\": \" \"}\n"}) {
    expect_error(ErrorKind::kInput, {"a.jsonl' holds no text"}, [&] { read("a.jsonl", content); });
  }
}

TEST(RawText, ComesInPartsOfBlocks) {
  const TemporaryFolder folder;
  std::string content;
  for (int line = 0; line < 10'000; ++line) content += "line " + std::to_string(line) + "\n";
  RawTextStream stream(put_file(folder / "a.txt", content), Split::kEvaluate);
  EXPECT_EQ(stream.validate().examples, 10'000);
  size_t lines = 0;
  for (RawTextData part; stream.next(1, part);) {
    for (const RawText& text : part.texts) EXPECT_EQ(text.text, "line " + std::to_string(lines++));
  }
  EXPECT_EQ(lines, 10'000u);
}

}  // namespace
}  // namespace bertune
