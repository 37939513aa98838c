// SPDX-License-Identifier: Apache-2.0
// Reads token classification data from CoNLL columns, CLUENER's JSON lines, or JSON lines of words
// and tags; the format is found by content.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "datasets/json/text.h"
#include "datasets/stream.h"
#include "datasets/tagged/census.h"
#include "datasets/tagged/conll.h"
#include "datasets/tagged/records.h"
#include "datasets/tagged/sentences.h"

namespace bertune {

// Tags are read as entities by the rules of conlleval. Tags that break the scheme, spans that
// overlap, spans whose text differs from the file's, and records without words, which are left out,
// are counted.
class TaggedReader {
 public:
  using Data = TaggedData;
  using Info = TaggedInfo;
  static constexpr NothingFound kEmpty{"text", "give a file with at least one"};
  static const KnownFiles& known_files();

  // Throws Error{kSystem, kInput}.
  TaggedReader(const Dataset& dataset, Split split, const TaggedColumns& columns = {});
  TaggedReader(const TaggedReader&) = delete;
  TaggedReader& operator=(const TaggedReader&) = delete;

  // Appends the next text with words; false at the end. Throws Error{kInput} with the line for a
  // missing column, a number of columns that changes, a word that is not a tag.
  bool next(TaggedData& data);
  void rewind();

  // Everything of TaggedInfo except the types, once the whole file was read.
  void complete(TaggedInfo& info) const;
  void report() const;

 private:
  bool is_empty(const TaggedText& text);
  bool has_spans() const { return json_ && json_->has_spans(); }
  TagScheme scheme() const { return columns_.scheme.value_or(census_.scheme()); }

  JsonText file_;  // which may contain JSON
  TaggedColumns columns_;
  TagCensus census_;
  std::optional<TaggedJsonReader> json_;
  std::optional<ConllReader> conll_;
  int64_t empty_ = 0;
  std::string first_empty_;
};

using TaggedStream = Stream<TaggedReader>;

}  // namespace bertune
