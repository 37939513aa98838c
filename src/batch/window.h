// SPDX-License-Identifier: Apache-2.0
// A tokenized dataset and its windows: the token sequences that the model sees, before they are
// batched. Each text is tokenized and stored once; a window is a few indices into it. Relies on
// text/tokenizer; the meaning of targets is left to the tasks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "batch/id_file.h"
#include "batch/masking.h"
#include "bertune/tokenizer.h"

namespace bertune {

// [CLS] first [SEP], or [CLS] first [SEP] second[second_begin, second_end) [SEP], where first
// stands for the first_length tokens from first_begin on.
struct Window {
  int32_t example;       // index into the task's examples
  int32_t first;         // index into WindowSet::texts
  int32_t first_length;  // tokens of the first text in the window
  int32_t second = -1;   // index into WindowSet::texts; -1: no second text
  int32_t second_begin = 0;
  int32_t second_end = 0;
  int32_t first_begin = 0;

  bool is_pair() const { return second >= 0; }
  // Tokens, including the special ones.
  int32_t length() const {
    return first_length + 2 + (is_pair() ? second_end - second_begin + 1 : 0);
  }
  // The position in the window of the second text's first token.
  int32_t second_offset() const { return first_length + 2; }
};

// The target of a token that does not count in the loss. It is PyTorch's ignore_index;
// engine/engine.h ignores every negative target.
inline constexpr int32_t kIgnoredTarget = -100;

// At most one of the three kinds of targets is given; none if the data is unlabelled.
struct WindowSet {
  SpecialTokens special{};
  std::vector<std::vector<Token>> texts;
  std::vector<Window> windows;
  // If set, it holds the tokens instead of `texts`, one text per window; `Window::first` is unused.
  std::shared_ptr<const IdFile> id_file;

  // Targets of windows: classes, or positions in the window.
  std::vector<int32_t> targets;  // [windows * targets_per_window]
  int32_t targets_per_window = 0;
  // Targets of windows that are numbers: one for regression, a 0 or 1 for each label if a text has
  // several labels.
  std::vector<float> target_values;  // [windows * values_per_window()]
  // Targets of tokens, special ones included: a class or a token id, or kIgnoredTarget.
  std::vector<std::vector<int32_t>> token_targets;  // [windows][length]

  // Whether tokens are predicted: those that have a target, or else every [MASK].
  bool predicts_words = false;
  // How tokens are masked during training; they then need no targets.
  std::optional<Masking> masking;

  size_t values_per_window() const {
    return windows.empty() ? 0 : target_values.size() / windows.size();
  }
};

// A window of one of several sets.
struct WindowRef {
  const WindowSet* set;
  int32_t window;  // index in the set

  const Window& operator*() const { return set->windows[static_cast<size_t>(window)]; }
  const Window* operator->() const { return &**this; }
};

// The length and the overlap of windows.
struct WindowLimits {
  int32_t max_seq_length = 384;  // tokens of a window, including special ones
  int32_t doc_stride = 128;      // tokens shared by consecutive windows (run_qa's stride)
};

// Appends the windows of a pair whose second text is cut into overlapping parts. Part k begins at k
// (room - doc_stride) with room = max_seq_length - first - 3, and the first part that reaches the
// end is the last. Throws Error{kUsage} unless doc_stride is below the room.
void append_windows(int32_t example, int32_t first, int32_t first_length, int32_t second,
                    int32_t second_length, const WindowLimits& limits,
                    std::vector<Window>& windows);

}  // namespace bertune
