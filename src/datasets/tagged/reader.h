// SPDX-License-Identifier: Apache-2.0
// One file of token classification data, text by text, in whatever format it has.
#pragma once

#include <filesystem>
#include <optional>

#include "datasets/json/text.h"
#include "datasets/tagged/census.h"
#include "datasets/tagged/conll.h"
#include "datasets/tagged/records.h"
#include "datasets/tagged/sentences.h"

namespace bertune {

class TaggedReader {
 public:
  // Throws as read_tagged_data does.
  TaggedReader(const std::filesystem::path& path, const TaggedColumns& columns);
  TaggedReader(const TaggedReader&) = delete;
  TaggedReader& operator=(const TaggedReader&) = delete;

  // Replaces `text` by the next one; false: there was none left. Throws Error{kInput}.
  bool next(TaggedText& text) { return json_ ? json_->next(text) : conll_->next(text); }
  void rewind();

  // When all has been read: tells what was counted, gives `data` what only the whole shows, which
  // is all but its texts.
  void finish(TaggedData& data) const;

 private:
  JsonText file_;  // whose text may be JSON
  TaggedColumns columns_;
  TagCensus census_;
  std::optional<TaggedJsonReader> json_;
  std::optional<ConllReader> conll_;
};

}  // namespace bertune
