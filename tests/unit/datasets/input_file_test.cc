// SPDX-License-Identifier: Apache-2.0
// Text files in several encodings, and rows of fields.
#include "datasets/input_file.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "datasets/table/delimited.h"
#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

std::string read_bytes(std::string_view bytes) {
  const TemporaryFolder folder;
  return std::string(TextFile(put_file(folder / "text", bytes)).text());
}

TEST(TextFile, DropsTheByteOrderMark) {
  EXPECT_EQ(read_bytes("\xEF\xBB\xBFone\r\n"), "one\r\n");
  EXPECT_EQ(read_bytes(""), "");
}

TEST(TextFile, ReplacesInvalidPartsWithAWarning) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(read_bytes("caf\xE9 na\xEFve"), "caf\uFFFD na\uFFFDve");  // Latin-1
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("2 invalid parts"), std::string::npos) << log;
}

TEST(TextFile, RefusesOtherEncodingsAndBinaryFiles) {
  using namespace std::string_view_literals;
  expect_error(ErrorKind::kInput, {"UTF-16"}, [] { read_bytes("\xFF\xFEh\0i\0"sv); });
  expect_error(ErrorKind::kInput, {"NUL byte at byte 1"}, [] { read_bytes("h\0i\0"sv); });
}

TEST(TextFile, NamesFormatsThatAreNotText) {
  using namespace std::string_view_literals;
  const std::pair<std::string_view, std::string> files[] = {
      {"PAR1\x15\0\x15PAR1"sv, "a Parquet file"},
      {"ARROW1\0\0"sv, "an Arrow file"},
      {"\x1F\x8B\x08\0"sv, "gzip"},
      {"PK\x03\x04\x14\0"sv, "zip"}};
  for (const auto& [bytes, name] : files) {
    expect_error(ErrorKind::kInput, {name}, [&, b = bytes] { read_bytes(b); });
  }
  EXPECT_EQ(read_bytes("PAR1 O\n"), "PAR1 O\n");
}

TEST(TextFile, GivesLinesWithTheirNumbers) {
  LineReader lines("one\r\n\nthree");
  std::string_view line;
  ASSERT_TRUE(lines.next(line));
  EXPECT_EQ(line, "one");
  ASSERT_TRUE(lines.next(line));
  EXPECT_EQ(line, "");
  ASSERT_TRUE(lines.next(line));
  EXPECT_EQ(line, "three");
  EXPECT_EQ(lines.number(), 3);
  EXPECT_FALSE(lines.next(line));
}

TEST(CheckedLines, RepairsAndCountsLines) {
  const TemporaryFolder folder;
  CheckedLines lines(put_file(folder / "text", "\uFEFFone\r\ncaf\xE9\n\n\xFF"));
  for (int pass = 0; pass < 2; ++pass, lines.rewind()) {
    std::vector<std::string> found;
    for (std::string line; lines.next(line);) found.push_back(line);
    EXPECT_EQ(found, (std::vector<std::string>{"one", "caf\uFFFD", "", "\uFFFD"}));
    testing::internal::CaptureStderr();
    lines.report();
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_NE(log.find("2 lines are not valid UTF-8, the first is line 2"), std::string::npos)
        << log;
  }
}

TEST(CheckedLines, RefusesOtherEncodings) {
  using namespace std::string_view_literals;
  const TemporaryFolder folder;
  expect_error(ErrorKind::kInput, {"UTF-16 or UTF-32"},
               [&] { CheckedLines(put_file(folder / "text", "\xFE\xFF\0h"sv)); });
  CheckedLines lines(put_file(folder / "text", "one\nt\0w\0o\0"sv));
  std::string line;
  EXPECT_TRUE(lines.next(line));
  expect_error(ErrorKind::kInput, {"line 2 has a NUL byte"}, [&] { lines.next(line); });
}

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(std::string_view text, Delimited format) {
  Rows rows;
  DelimitedReader reader("file", text, format);
  while (reader.next()) rows.push_back(reader.fields());
  return rows;
}

TEST(Delimited, SplitsTabsWithoutQuoting) {
  EXPECT_EQ(rows_of("a\tb\n\"x\t\"y\"\n\n\tz\n", Delimited::kTsv),
            (Rows{{"a", "b"}, {"\"x", "\"y\""}, {"", "z"}}));
}

TEST(Delimited, ReadsTheQuotingOfRfc4180) {
  EXPECT_EQ(rows_of("a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\n,\"\"\n", Delimited::kCsv),
            (Rows{{"a", "b"}, {"x, \"y\"", "two\nlines"}, {"", ""}}));
  EXPECT_EQ(rows_of("5\" wide,x\n", Delimited::kCsv), (Rows{{"5\" wide", "x"}}));
}

TEST(Delimited, CountsLinesWithinQuotes) {
  DelimitedReader reader("file", "\"two\nlines\",x\n\nb,y\n", Delimited::kCsv);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 1);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 4);
}

TEST(Delimited, SaysWhereQuotingIsBroken) {
  expect_error(ErrorKind::kInput, {"'file', line 2", "never closed"},
               [] { rows_of("a,b\n\"x,y\nz,w\n", Delimited::kCsv); });
  expect_error(ErrorKind::kInput, {"'file', line 1", "closing quote of field 1"},
               [] { rows_of("\"x\" y,z\n", Delimited::kCsv); });
}

}  // namespace
}  // namespace bertune
