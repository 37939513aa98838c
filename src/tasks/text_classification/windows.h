// SPDX-License-Identifier: Apache-2.0
// Texts and pairs to windows: [CLS] text [SEP] or [CLS] text [SEP] pair [SEP], cut where they are
// longer than a window, labelled with a class or a number.
#pragma once

#include <cstdint>
#include <vector>

#include "batch/window.h"
#include "datasets/table/table.h"
#include "tasks/labels.h"
#include "bertune/tokenizer.h"

namespace bertune {

// Tokens that are kept of a pair of texts with `room` for both: the longer loses first. Where both
// are longer than half the room, each keeps half of it, and the longer one, of equal ones the
// second, an odd token. As `tokenizers` does it (longest_first).
struct KeptTokens {
  int32_t first;
  int32_t second;
};
KeptTokens cut_longest_first(int32_t first, int32_t second, int32_t room);

// Makes the windows of a data set, or of its parts one after the other.
class TextWindowMaker {
 public:
  TextWindowMaker(const Tokenizer& tokenizer, int32_t max_seq_length)
      : tokenizer_(tokenizer), max_seq_length_(max_seq_length) {}

  // One window for each example, in order; no targets. Works on all cores; the result does not
  // depend on their number. Throws Error{kUsage} where no room is left for a text.
  WindowSet make(const TextData& data);

  // Tells how many texts of all were cut.
  void report() const;

 private:
  Window window_of(const WindowSet& set, int32_t example, bool pairs);

  const Tokenizer& tokenizer_;
  int32_t max_seq_length_;
  int64_t examples_ = 0;
  int64_t cut_ = 0;
};

// The windows of a whole data set; texts that were cut are counted aloud.
WindowSet make_text_windows(const Tokenizer& tokenizer, const TextData& data,
                            int32_t max_seq_length);

// The label of each example as its index in `labels`. Throws Error{kInput} with its place for a
// label that is none of them.
std::vector<int32_t> class_targets(const TextData& data, const Labels& labels);

// The number of each example. Throws Error{kInput} with its place for what is no finite number.
std::vector<double> number_targets(const TextData& data);

// Whether the labels are numbers to be predicted: all are numbers, and not all of them whole. So
// STS-B is, and stars from 1 to 5 are classes.
bool are_numbers(const TextData& data);

// The labels that the examples have, sorted (see sort_labels); GLUE's in its order. Throws
// Error{kInput} when all examples have the same.
Labels find_labels(const TextData& data);

}  // namespace bertune
