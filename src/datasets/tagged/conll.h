// SPDX-License-Identifier: Apache-2.0
// Reads the columns of the CoNLL shared tasks: one word per line, its annotations beside it, a
// blank line between texts. Lines with -DOCSTART- and comments, which begin with # before a text
// (GermEval, CoNLL-U), are skipped.
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

  // Replaces `text` by the next one; false at the end. Throws Error{kInput}.
  bool next(TaggedText& text);

 private:
  bool is_comment(std::string_view line) const;
  void read_word(std::string_view line, WrittenTags& text);
  void check_count(size_t count);
  [[noreturn]] void fail(const std::string& what, const std::string& hint) const;

  const TextFile& file_;
  TaggedColumns columns_;
  TagCensus& census_;
  LineReader lines_;
  PassedText passed_;
  size_t count_ = 0;  // columns of the first line
};

}  // namespace bertune
