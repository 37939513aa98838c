// What the readers of tagged formats share: texts are collected with their tags and places, and
// become entities when all are there, because the scheme shows in the whole file only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/tagged_data.h"

namespace bertune {

// Words and tags of a text as the file has them.
struct WrittenTags {
  std::vector<std::string> words;
  std::vector<std::string> tags;    // none: not labelled
  std::vector<std::string> places;  // [words] or one for all
};

class TagCollector {
 public:
  explicit TagCollector(std::filesystem::path path) : path_(std::move(path)) {}

  // Throws Error{kInput} for what is no tag.
  void add(WrittenTags text);

  // Finds the scheme, if it is not given, and turns tags into entities.
  TaggedData finish(std::optional<TagScheme> scheme) const;

 private:
  const std::string& place_of(const WrittenTags& text, size_t word) const {
    return text.places.size() == 1 ? text.places.front() : text.places[word];
  }
  void warn_of_broken_tags(TagScheme scheme) const;

  std::filesystem::path path_;
  std::vector<WrittenTags> texts_;
};

// CoNLL columns: a word a line, blank lines between texts, lines with -DOCSTART- left out.
TaggedData read_conll(const std::filesystem::path& path, std::string_view text,
                      const TaggedColumns& columns);

// {"words": [...], "tags": [...]} a line (or tokens; ner_tags, labels), or CLUENER's
// {"text": ..., "label": {TYPE: {TEXT: [[first, last], ...]}}}.
TaggedData read_tagged_json(const std::filesystem::path& path, const TaggedColumns& columns);

}  // namespace bertune
