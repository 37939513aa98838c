// SPDX-License-Identifier: Apache-2.0
// Token classification data: texts as words, and the entities among them. The reader beside this
// file knows the formats; tags.h knows how entities are written as tags.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/dataset.h"
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
  std::vector<Entity> entities;  // ordered by their first word; they do not overlap
  std::string place = {};        // where it begins in its file: "line 3"
};

// A dataset or a part of one, all of it of one file.
struct TaggedData {
  std::filesystem::path path;
  std::vector<TaggedText> texts;

  size_t size() const { return texts.size(); }
};

struct TaggedInfo : DatasetInfo {
  std::string unlabelled;                // the place of the first text without tags; empty: none
  bool numbered = false;                 // tags are numbers, named by TaggedColumns::names
  bool outside = false;                  // some word is in no entity
  bool characters = true;                // every word is one code point, as in CLUENER
  TagScheme scheme = TagScheme::kIob2;   // in which a model should write the tags
  std::map<std::string, int64_t> types;  // of all entities, with the number of entities

  void add(const TaggedData& part);
};

struct TaggedColumns {
  int64_t word = 1;                      // of CoNLL files, from 1
  int64_t tag = 0;                       // 0: the last one
  std::optional<TagScheme> scheme = {};  // of the file; nothing: found from the tags
  // The tags that numbers stand for, in order.
  std::vector<std::string> names = {};
  // Entities are those whose tags follow this scheme exactly; nothing: conlleval's.
  std::optional<TagScheme> strict = {};
};

// A text whose words are joined by spaces, and one whose words are its characters except white
// space.
TaggedText join_words(const std::vector<std::string>& words);
TaggedText split_characters(std::string_view text);

// The types of all entities, sorted. Throws Error{kInput} if there are none.
std::vector<std::string> find_types(const TaggedInfo& info);

}  // namespace bertune
