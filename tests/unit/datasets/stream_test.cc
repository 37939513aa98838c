// SPDX-License-Identifier: Apache-2.0
// Streaming a dataset in parts, with a reader of words.
#include "datasets/stream.h"

#include <gtest/gtest.h>

#include <fstream>

#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

struct Words {
  std::vector<std::string> words;
  size_t size() const { return words.size(); }
};

struct WordsInfo : DatasetInfo {
  int64_t opened = 0;
  void add(const Words& part) { examples += static_cast<int64_t>(part.size()); }
};

// Yields `at_once` words of a file at a time, and fails at the word "bad".
class WordReader {
 public:
  using Data = Words;
  using Info = WordsInfo;
  static constexpr NothingFound kEmpty{"word", "give a word"};
  static KnownFiles known_files() {
    return {.train = {{"train"}}, .evaluate = {FileGroup{"dev1", "dev2", "dev3"}}};
  }

  WordReader(const Dataset& dataset, Split, int at_once = 1)
      : path_(dataset.path), at_once_(at_once), stream_(dataset.path) {}

  bool next(Words& data) {
    std::string word;
    for (int i = 0; i < at_once_ && stream_ >> word; ++i) {
      if (word == "bad") throw Error(ErrorKind::kInput, "a bad word");
      data.words.push_back(word);
    }
    return !stream_.fail();
  }
  void rewind() { stream_ = std::ifstream(path_); }
  void complete(WordsInfo& info) const { ++info.opened; }
  void report() const {}

 private:
  std::filesystem::path path_;
  int at_once_;
  std::ifstream stream_;
};

using WordStream = Stream<WordReader>;
using Parts = std::vector<std::vector<std::string>>;

Parts parts_of(WordStream& stream, size_t count) {
  Parts parts;
  for (Words part; stream.next(count, part);) parts.push_back(part.words);
  return parts;
}

class StreamTest : public testing::Test {
 protected:
  StreamTest() {
    put_file(folder_ / "train", "a b c\n");
    put_file(folder_ / "dev1", "a b c\n");
    put_file(folder_ / "dev2", "");
    put_file(folder_ / "dev3", "d\n");
  }

  const TemporaryFolder folder_;
};

TEST_F(StreamTest, YieldsPartsOfOneFileEach) {
  WordStream stream(folder_.path(), Split::kEvaluate);
  EXPECT_EQ(parts_of(stream, 2), (Parts{{"a", "b"}, {"c"}, {"d"}}));
  EXPECT_EQ(parts_of(stream, 2), Parts{});
  stream.rewind();
  EXPECT_EQ(parts_of(stream, 9), (Parts{{"a", "b", "c"}, {"d"}}));
}

TEST_F(StreamTest, YieldsAFewMoreWhereTheReaderDoes) {
  WordStream stream(folder_.path(), Split::kTrain, 2);
  EXPECT_EQ(parts_of(stream, 1), (Parts{{"a", "b"}, {"c"}}));
}

TEST_F(StreamTest, ValidatesAllFilesAndRewinds) {
  WordStream stream(folder_.path(), Split::kEvaluate);
  size_t checked = 0;
  const WordsInfo info = stream.validate([&](const Words& part) { checked += part.size(); });
  EXPECT_EQ(info.examples, 4);
  EXPECT_EQ(info.opened, 3);
  EXPECT_EQ(info.files,
            (std::vector{folder_ / "dev1", folder_ / "dev3"}));  // the files that contain words
  EXPECT_EQ(checked, 4u);
  EXPECT_EQ(parts_of(stream, 9).size(), 2u);
}

TEST_F(StreamTest, ReadsAWholeFileInOnePass) {
  const auto [data, info] = WordStream(folder_.path(), Split::kTrain).read_all();
  EXPECT_EQ(data.words, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(info.examples, 3);
}

TEST_F(StreamTest, FindsFaultsBeforeTheFirstPart) {
  put_file(folder_ / "dev3", "d bad\n");
  WordStream stream(folder_.path(), Split::kEvaluate);
  expect_error(ErrorKind::kInput, {"a bad word"}, [&] { stream.validate(); });
}

TEST_F(StreamTest, RefusesADatasetWithoutExamples) {
  const auto file = put_file(folder_ / "train", "\n");
  expect_error(ErrorKind::kInput, {"train' holds no word"},
               [&] { WordStream(file, Split::kTrain).read_all(); });
  for (const char* name : {"dev1", "dev2", "dev3"}) put_file(folder_ / name, "");
  expect_error(ErrorKind::kInput, {folder_.path().string() + "' holds no word"},
               [&] { WordStream(folder_.path(), Split::kEvaluate).validate(); });
}

}  // namespace
}  // namespace bertune
