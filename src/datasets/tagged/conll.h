// SPDX-License-Identifier: Apache-2.0
// The columns of the CoNLL shared tasks: a word a line, its annotations beside it, a blank line
// between texts; lines with -DOCSTART- are left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "datasets/input_file.h"
#include "datasets/tagged/census.h"
#include "datasets/tagged/sentences.h"

namespace bertune {

class ConllReader {
 public:
  // `file` and `census` must outlive the reader.
  ConllReader(const TextFile& file, const TaggedColumns& columns, TagCensus& census)
      : file_(file), columns_(columns), census_(census), lines_(file.text()), passed_(file) {}

  // Replaces `text` by the next one; false: there was none left. Throws Error{kInput}.
  bool next(TaggedText& text);

 private:
  void read_word(std::string_view line, WrittenTags& text);
  void check_count(size_t count);
  [[noreturn]] void fail(const std::string& what, const char* hint) const;

  const TextFile& file_;
  TaggedColumns columns_;
  TagCensus& census_;
  LineReader lines_;
  PassedText passed_;
  size_t count_ = 0;  // columns of the file
};

}  // namespace bertune
