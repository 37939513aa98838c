// SPDX-License-Identifier: Apache-2.0
#include "tasks/question_answering/windows.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "text/encode_all.h"
#include "text/python_text.h"

namespace bertune {
namespace {

// Contexts, then questions. A context without questions is not tokenized.
std::vector<std::string_view> list_texts(const SquadData& data) {
  std::vector<std::string_view> texts(data.contexts.size());
  for (const SquadExample& example : data.examples) {
    texts[example.context] = data.contexts[example.context];
    texts.push_back(python_lstrip(example.question));
  }
  return texts;
}

struct Span {
  int32_t first = 0;
  int32_t last = 0;
};

// The tokens of the window that contain the answer, as indices into the window; 0, 0 if the window
// does not contain all of it.
Span find_answer(std::span<const Token> context, const Window& window, const GoldAnswer& answer) {
  const auto tokens = context.subspan(window.second_begin, window.second_end - window.second_begin);
  const auto begin = static_cast<uint32_t>(answer.begin);
  const auto end = static_cast<uint32_t>(begin + answer.text.size());
  if (tokens.empty() || tokens.front().begin > begin || tokens.back().end < end) return {};
  const auto count = static_cast<int32_t>(tokens.size());
  int32_t first = 0;
  while (first + 1 < count && tokens[first + 1].begin <= begin) ++first;
  int32_t last = count - 1;
  while (last > 0 && tokens[last - 1].end >= end) --last;
  if (first > last) std::swap(first, last);  // the answer lies between two tokens
  return {window.second_offset() + first, window.second_offset() + last};
}

void set_targets(const SquadData& data, WindowSet& set) {
  set.targets_per_window = 2;
  set.targets.reserve(2 * set.windows.size());
  for (const Window& window : set.windows) {
    const std::vector<GoldAnswer>& answers = data.examples[window.example].answers;
    Span span;
    if (!answers.empty()) {
      CHECK(answers.front().begin >= 0);
      span = find_answer(set.texts[window.second], window, answers.front());
    }
    set.targets.push_back(span.first);
    set.targets.push_back(span.last);
  }
}

}  // namespace

WindowSet make_windows(const Tokenizer& tokenizer, const SquadData& data,
                       const WindowLimits& limits, QaTargets targets) {
  WindowSet set;
  set.special = tokenizer.special();
  set.texts = tokenize_texts(tokenizer, list_texts(data));
  const auto contexts = static_cast<int32_t>(data.contexts.size());
  int64_t cut = 0;
  for (int32_t e = 0; e < static_cast<int32_t>(data.examples.size()); ++e) {
    const int32_t context = data.examples[e].context, question = contexts + e;
    const auto tokens = static_cast<int32_t>(set.texts[question].size());
    cut += tokens > kMaxQuestionTokens;
    append_windows(e, question, std::min(tokens, kMaxQuestionTokens), context,
                   static_cast<int32_t>(set.texts[context].size()), limits, set.windows);
  }
  if (cut > 0) log_warning("{} questions were cut at {} tokens", cut, kMaxQuestionTokens);
  if (targets == QaTargets::kSpans) set_targets(data, set);
  return set;
}

}  // namespace bertune
