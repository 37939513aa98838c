// SPDX-License-Identifier: Apache-2.0
// From texts and pairs to windows: [CLS] text [SEP] or [CLS] text [SEP] pair [SEP], cut if they are
// longer than a window, with a class, several labels or a number as target.
#pragma once

#include <cstdint>
#include <vector>

#include "batch/window.h"
#include "bertune/tokenizer.h"
#include "datasets/table/table.h"
#include "tasks/labels.h"

namespace bertune {

// The tokens that are kept of a pair of texts with `room` for both: the longer text is cut first.
// If both are longer than half the room, each keeps half of it, and the longer one, of equal ones
// the second, keeps an odd token. The rule is longest_first of `tokenizers`.
struct KeptTokens {
  int32_t first;
  int32_t second;
};
KeptTokens cut_longest_first(int32_t first, int32_t second, int32_t room);

// The windows of a dataset: their length, and whether the examples are pairs of texts.
struct TextShape {
  int32_t max_seq_length = 128;
  bool pairs = false;
};

// Makes the windows of a dataset, part by part.
class TextWindowMaker {
 public:
  // Throws Error{kUsage} if a window has no room for text.
  TextWindowMaker(const Tokenizer& tokenizer, const TextShape& shape);

  // One window for each example, in order, without targets. Uses all cores; the result does not
  // depend on their number.
  WindowSet make(const TextData& data);

  // Logs how many of all texts were cut.
  void report() const;

 private:
  Window window_of(const WindowSet& set, int32_t example);

  const Tokenizer& tokenizer_;
  TextShape shape_;
  int64_t examples_ = 0;
  int64_t cut_ = 0;
};

// The windows of a whole dataset, with what TextWindowMaker reports.
WindowSet make_text_windows(const Tokenizer& tokenizer, const TextData& data,
                            const TextShape& shape);

// The label of each example as its index in `labels`. Throws Error{kInput} with its place for a
// label that is not among them.
std::vector<int32_t> class_targets(const TextData& data, const Labels& labels);

// The number of each example. Throws Error{kInput} with its place for a label that is not a finite
// number.
std::vector<double> number_targets(const TextData& data);

// Whether each example has each label, 1 or 0: [examples, labels]. Throws Error{kInput} with its
// place for a label that is not among them.
std::vector<float> label_targets(const TextData& data, const Labels& labels);

// Throws as class_targets and number_targets would for some part of the dataset.
void check_classes(const TextInfo& info, const Labels& labels);
void check_numbers(const TextInfo& info);

// The labels of a dataset, sorted (see sort_labels), or GLUE's or those of label columns in their
// order. Throws Error{kInput} if all examples have the same label, none has any, or for far too
// many labels.
Labels find_labels(const TextInfo& info);

}  // namespace bertune
