// SPDX-License-Identifier: Apache-2.0
// A tokenized data set and its windows: what the model sees of each example, before any batch is
// made. A text is tokenized once and kept once; a window is a few numbers that point into it.
// Targets are given for windows or for their tokens; what they mean is the task's business.
// Relies on text/tokenizer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "batch/id_file.h"
#include "batch/masking.h"
#include "text/tokenizer.h"

namespace bertune {

// [CLS] first [SEP], or [CLS] first [SEP] second[second_begin, second_end) [SEP], where first is
// first_length tokens from first_begin on.
struct Window {
  int32_t example;       // index into the task's examples
  int32_t first;         // index into WindowSet::texts
  int32_t first_length;  // tokens of the first text that are kept
  int32_t second = -1;   // index into WindowSet::texts; -1: a single text
  int32_t second_begin = 0;
  int32_t second_end = 0;
  int32_t first_begin = 0;

  bool is_pair() const { return second >= 0; }
  // Tokens with the special ones.
  int32_t length() const {
    return first_length + 2 + (is_pair() ? second_end - second_begin + 1 : 0);
  }
  // Index in the window of the first token of the second text.
  int32_t second_offset() const { return first_length + 2; }
};

// A token without a target has no part in the loss. The number is PyTorch's ignore_index; below 0,
// because engine/engine.h leaves out such targets.
inline constexpr int32_t kIgnoredTarget = -100;

// One of the three kinds of targets is given, or none when nothing is labelled.
struct WindowSet {
  SpecialTokens special{};
  std::vector<std::vector<Token>> texts;
  std::vector<Window> windows;
  // Windows of one text each, whose tokens are here instead of in `texts`; their `first` is unused.
  std::shared_ptr<const IdFile> id_file;

  // Of windows: classes, or places in the window.
  std::vector<int32_t> targets;  // [windows * targets_per_window]
  int32_t targets_per_window = 0;
  // Of windows: numbers, for regression.
  std::vector<float> target_values;  // [windows]
  // Of tokens: a class, or a word, for every token of a window with its special ones; or
  // kIgnoredTarget.
  std::vector<std::vector<int32_t>> token_targets;  // [windows][length]

  // Whether words are predicted: for the tokens that have a target, else for every [MASK].
  bool predicts_words = false;
  // How words are hidden; tokens then need no targets.
  std::optional<Masking> masking;
};

// How long windows are and how far they overlap.
struct WindowLimits {
  int32_t max_seq_length = 384;  // tokens of a window, special ones included
  int32_t doc_stride = 128;      // tokens that two windows of one example share (run_qa's stride)
};

// The windows of a pair whose second text is cut into overlapping parts: the k-th begins at
// k (room - doc_stride) with room = max_seq_length - first - 3; the first that reaches the end is
// the last. Throws Error{kUsage} when the overlap is not below the room.
void append_windows(int32_t example, int32_t first, int32_t first_length, int32_t second,
                    int32_t second_length, const WindowLimits& limits,
                    std::vector<Window>& windows);

}  // namespace bertune
