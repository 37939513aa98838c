// SPDX-License-Identifier: Apache-2.0
#include "tasks/question_answering/candidates.h"

#include <algorithm>

#include "tasks/logits.h"

namespace bertune {

std::vector<QaCandidate> find_candidates(const WindowSet& set, const Window& window,
                                         std::span<const float> start, std::span<const float> end,
                                         const QaDecodeOptions& options) {
  const std::vector<Token>& tokens = set.texts[window.second];
  const int32_t context_begin = window.second_offset(), context_end = window.length() - 1;
  const int32_t shift = window.second_begin - context_begin;
  const auto in_context = [&](int32_t i) { return i >= context_begin && i < context_end; };
  const std::vector<int32_t> best_ends = highest(end, options.n_best);
  std::vector<QaCandidate> found;
  for (const int32_t first : highest(start, options.n_best)) {
    if (!in_context(first)) continue;
    for (const int32_t last : best_ends) {
      if (!in_context(last) || last < first) continue;
      if (last - first >= options.max_answer_tokens) continue;
      found.push_back({.begin = tokens[first + shift].begin,
                       .end = tokens[last + shift].end,
                       .start_logit = start[first],
                       .end_logit = end[last]});
    }
  }
  return found;
}

void keep_best(std::string_view context, int64_t n_best, std::vector<QaCandidate>& candidates) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const QaCandidate& a, const QaCandidate& b) { return a.sum() > b.sum(); });
  const auto text_of = [&](const QaCandidate& c) {
    return context.substr(c.begin, c.end - c.begin);
  };
  size_t kept = 0;
  for (size_t i = 0; i < candidates.size() && kept < static_cast<size_t>(n_best); ++i) {
    const QaCandidate candidate = candidates[i];
    const auto same_text = [&](const QaCandidate& c) { return text_of(c) == text_of(candidate); };
    const auto kept_end = candidates.begin() + kept;
    if (std::none_of(candidates.begin(), kept_end, same_text)) candidates[kept++] = candidate;
  }
  candidates.resize(kept);
}

}  // namespace bertune
