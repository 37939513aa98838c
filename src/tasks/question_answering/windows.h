// SPDX-License-Identifier: Apache-2.0
// Question answering data to windows: [CLS] question [SEP] context [SEP], the context cut into
// overlapping parts, labelled with the tokens where the answer begins and ends.
// The rules are those of transformers' run_qa example; docs/question_answering.md has them.
#pragma once

#include <cstdint>

#include "batch/window.h"
#include "datasets/squad/squad.h"
#include "bertune/tokenizer.h"

namespace bertune {

// Pieces of a question that are kept (the rule of Google's run_squad; SQuAD's longest has 61).
constexpr int32_t kMaxQuestionTokens = 64;

enum class QaTargets {
  kNone,
  kSpans,  // two for each window: index in the window of the answer's first and last token, or 0, 0
           // where the window does not hold all of the first gold answer
};

// The windows of all examples in order. Texts 0 .. contexts - 1 of the set are the contexts, the
// others the questions, both in the order of `data`. Works on all cores; the result does not depend
// on their number. Questions that were cut are counted aloud. kSpans needs answers that stand at
// their offset, as SquadPurpose::kTrain reads them. Throws Error{kUsage}: see append_windows.
WindowSet make_windows(const Tokenizer& tokenizer, const SquadData& data,
                       const WindowLimits& limits, QaTargets targets);

}  // namespace bertune
