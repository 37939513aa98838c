// SPDX-License-Identifier: Apache-2.0
// Text classification data: single texts or pairs with a label or a number, from TSV, CSV or JSON
// lines, with the columns found by their names. GLUE's files are recognised.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "datasets/table/glue.h"

namespace bertune {

struct TextExample {
  std::string text;       // valid UTF-8, as are all texts here
  std::string text_pair;  // empty for a single text
  std::string label;      // by name; empty where nobody has given it yet
};

// A file that examples came from: those from `begin` to the next source.
struct TextSource {
  std::filesystem::path path;
  size_t begin = 0;
};

struct TextData {
  std::vector<TextExample> examples;
  std::vector<std::string> places;  // [examples] "line 3", for errors
  std::vector<TextSource> sources;
  bool pairs = false;
  const GlueTask* glue = nullptr;  // the task whose files these are

  // "'FILE', line 3"
  std::string place_of(size_t example) const;
};

// Columns by name, or by number from 1 in a file without header; empty: found by usual names.
struct TextColumns {
  std::string text;
  std::string text_pair;
  std::string label;

  bool given() const { return !text.empty() || !text_pair.empty() || !label.empty(); }
};

enum class TextPurpose { kTrain, kEvaluate, kPredict };  // kPredict: labels may be missing

// Reads `path`: a file, or a folder with train.tsv, .csv, .jsonl or .json (kTrain), or dev,
// validation or test of the same endings (kEvaluate; MNLI's two dev files are read both). JSON is
// found by content, CSV by the ending .csv or a first line without tabs.
// Empty texts, and in GLUE's files rows with missing fields, which are left out, are counted aloud.
// Throws Error{kSystem} for what is not there, {kInput} for a column that is missing, a ragged row,
// a row without a label, with the line.
// `kept`: columns of other data, which count where `columns` has none and the file has them.
TextData read_text_data(const std::filesystem::path& path, TextPurpose purpose,
                        const TextColumns& columns = {}, const TextColumns& kept = {});

// The same data set in parts, so that memory does not grow with it.
class TextStream {
 public:
  // Reads all of it once, so that whatever is wrong with it is said before any work begins. Throws
  // as read_text_data does.
  TextStream(const std::filesystem::path& path, TextPurpose purpose,
             const TextColumns& columns = {}, const TextColumns& kept = {});
  TextStream(TextStream&&) noexcept;
  ~TextStream();

  const GlueTask* glue() const;  // as TextData's

  // Replaces `data` by the next examples, `count` at most and all of one file; false at the end.
  bool next(size_t count, TextData& data);
  void rewind();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The file, or the files, that read_text_data reads.
std::vector<std::filesystem::path> find_text_files(const std::filesystem::path& path,
                                                   TextPurpose purpose);

}  // namespace bertune
