// SPDX-License-Identifier: Apache-2.0
// Token classification data: texts as words, and the entities among them, from CoNLL columns,
// CLUENER's JSON lines, or JSON lines of words and tags. The format is found by content.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/tagged/tags.h"

namespace bertune {

// Bytes begin .. end (exclusive) of the text.
struct WordRange {
  uint32_t begin = 0;
  uint32_t end = 0;
};

struct TaggedText {
  std::string text;  // as it was given, or the words joined by single spaces; valid UTF-8
  std::vector<WordRange> words;
  std::vector<Entity> entities;  // by their first word; they do not overlap
};

struct TaggedData {
  std::vector<TaggedText> texts;
  bool labelled = true;
  bool characters = false;              // a word is a character: CLUENER's way
  TagScheme scheme = TagScheme::kIob2;  // what its tags should be written in for a model
};

struct TaggedColumns {
  int64_t word = 1;                      // of CoNLL files, from 1
  int64_t tag = 0;                       // 0: the last one
  std::optional<TagScheme> scheme = {};  // that the file is written in; nothing: found
};

enum class TaggedPurpose { kTrain, kEvaluate };

// Reads `path`: a file, or a folder with train (kTrain), or dev, validation, valid or test
// (kEvaluate) of the endings .conll, .txt, .tsv, .jsonl and .json, or CoNLL-2003's eng.train and
// eng.testa. Tags are read as entities by the rules of conlleval; those that break the scheme,
// spans that overlap or do not hold what the file says they hold are counted aloud. Throws
// Error{kSystem} for what is not there, {kInput} for a column that is missing, a number of columns
// that changes, a word that is no tag, with the line.
TaggedData read_tagged_data(const std::filesystem::path& path, TaggedPurpose purpose,
                            const TaggedColumns& columns = {});

// The same data set in parts, so that memory does not grow with it.
class TaggedStream {
 public:
  // Reads all of it once, so that whatever is wrong with it is said before any work begins. Throws
  // as read_tagged_data does.
  TaggedStream(const std::filesystem::path& path, TaggedPurpose purpose,
               const TaggedColumns& columns = {});
  TaggedStream(TaggedStream&&) noexcept;
  ~TaggedStream();

  bool labelled() const;  // all of it

  // Replaces `data` by the next texts, `count` at most; false at the end.
  bool next(size_t count, TaggedData& data);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A text whose words are joined by spaces; and one whose words are its characters but white space.
TaggedText join_words(const std::vector<std::string>& words);
TaggedText split_characters(std::string_view text);

// The types of all entities, sorted. Throws Error{kInput} when there is none.
std::vector<std::string> find_types(const TaggedData& data);

}  // namespace bertune
