// SPDX-License-Identifier: Apache-2.0
// Raw text to windows: documents are tokenized and cut as they are read. The tokens of training
// data are kept on the disk, so that text of any size can be trained on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "batch/window.h"
#include "bertune/tokenizer.h"
#include "datasets/raw_text/reader.h"

namespace bertune {

// Cuts documents into windows as their tokens arrive. A document fills windows of max_seq_length
// tokens; only its last one may be shorter.
class DocumentCutter {
 public:
  // Throws Error{kUsage} if a window has no room for text.
  explicit DocumentCutter(int32_t max_seq_length);

  void add(std::span<const Token> tokens, WindowSet& set);
  void end_document(WindowSet& set);

 private:
  size_t room_;
  std::vector<Token> document_;  // tokens that are in no window yet
};

// The windows of a dataset in parts, so that memory does not grow with the dataset. Windows that
// were masked elsewhere get targets.
class RawTextWindows {
 public:
  // `tokenizer` must outlive the object. Throws Error{kSystem, kUsage, kInput}.
  RawTextWindows(const Tokenizer& tokenizer, const Dataset& dataset, Split split,
                 int32_t max_seq_length);

  // Reads the dataset once and throws Error{kSystem, kInput} for any fault in it.
  void validate();

  // Replaces `set` by the next windows: `count` or some more; false at the end.
  bool next(size_t count, WindowSet& set);

  void report() const { stream_.report(); }
  [[noreturn]] void fail_empty() const { stream_.fail_empty(); }

 private:
  bool add_next(WindowSet& set);

  const Tokenizer& tokenizer_;
  int32_t max_seq_length_;
  RawTextStream stream_;
  DocumentCutter cutter_;
  bool at_end_ = false;
};

// The first windows of a dataset (0: all), with their tokens on the disk. Throws as RawTextWindows
// does.
WindowSet read_raw_text(const Tokenizer& tokenizer, const Dataset& dataset, Split split,
                        int32_t max_seq_length, int64_t max_windows);

}  // namespace bertune
