// SPDX-License-Identifier: Apache-2.0
// From questions to windows: [CLS] question [SEP] context [SEP], with the context cut into
// overlapping parts, and the tokens at which the answer begins and ends as targets. The rules are
// those of transformers' run_qa example; docs/question_answering.md lists them.
#pragma once

#include <cstdint>

#include "batch/window.h"
#include "bertune/tokenizer.h"
#include "datasets/squad/squad.h"

namespace bertune {

// Tokens of a question that are kept (the rule of Google's run_squad; SQuAD's longest has 61).
constexpr int32_t kMaxQuestionTokens = 64;

enum class QaTargets {
  kNone,
  kSpans,  // two for each window: the indices in the window of the answer's first and last token,
           // or 0, 0 if the window does not contain all of the first gold answer
};

// The windows of all examples in order. Texts 0 .. contexts - 1 of the set are the contexts, the
// others the questions, both in the order of `data`. Uses all cores; the result does not depend on
// their number. Logs how many questions were cut. kSpans needs answers with offsets, as they are
// read for Split::kTrain. Throws Error{kUsage}: see append_windows.
WindowSet make_windows(const Tokenizer& tokenizer, const SquadData& data,
                       const WindowLimits& limits, QaTargets targets);

}  // namespace bertune
