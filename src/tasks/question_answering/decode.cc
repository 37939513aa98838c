// SPDX-License-Identifier: Apache-2.0
#include "tasks/question_answering/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/parallel.h"
#include "bertune/error.h"
#include "text/code_point_index.h"

namespace bertune {
namespace {

constexpr int64_t kBlock = 256;  // contexts or examples for a thread at a time

// A context and the code points of its bytes.
struct Context {
  std::string_view text;
  const CodePointIndex& code_points;
};

// The double nearest to the decimal number of 4 digits nearest to `value`, as Python's round().
double round_to_4_decimals(double value) {
  char buffer[32];
  const auto printed =
      std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed, 4);
  std::from_chars(buffer, printed.ptr, value);
  return value;
}

double sum_of(const QaAnswer& answer) { return double{answer.start_logit + answer.end_logit}; }

void set_scores(std::vector<QaAnswer>& answers) {
  const double highest = sum_of(answers.front());
  double total = 0.0;
  for (QaAnswer& answer : answers) total += answer.score = std::exp(sum_of(answer) - highest);
  for (QaAnswer& answer : answers) answer.score = round_to_4_decimals(answer.score / total);
}

std::string text_of(const Context& context, const QaCandidate& candidate) {
  return std::string(context.text.substr(candidate.begin, candidate.end - candidate.begin));
}

QaAnswer to_answer(const Context& context, const QaCandidate& candidate) {
  return {.text = text_of(context, candidate),
          .start = context.code_points.code_point_of(candidate.begin),
          .end = context.code_points.code_point_of(candidate.end),
          .start_logit = candidate.start_logit,
          .end_logit = candidate.end_logit};
}

// Inserts `no_answer` at the place of its sum, after equal ones, and returns its index. The last of
// the n best is dropped, unless it is `no_answer` itself or the only other candidate.
size_t insert_no_answer(const QaCandidate& no_answer, int64_t n_best,
                        std::vector<QaCandidate>& candidates) {
  const auto place = std::find_if(candidates.begin(), candidates.end(),
                                  [&](const QaCandidate& c) { return c.sum() < no_answer.sum(); });
  const size_t index = place - candidates.begin();
  candidates.insert(place, no_answer);
  const size_t kept = std::max({static_cast<size_t>(n_best), index + 1, size_t{2}});
  if (candidates.size() > kept) candidates.resize(kept);
  return index;
}

// `candidates` are the n best that are not empty; `no_answer` is given with version2 only.
QaPrediction predict(const Context& context, std::vector<QaCandidate> candidates,
                     const std::optional<QaCandidate>& no_answer, const QaDecodeOptions& options) {
  QaPrediction prediction;
  size_t chosen = 0;
  if (no_answer) {
    const bool found = !candidates.empty();
    const float best_sum = found ? candidates.front().sum() : 0.0f;
    if (found) prediction.best_text = text_of(context, candidates.front());
    prediction.no_answer_score = double{no_answer->sum()} - double{best_sum};
    const size_t index = insert_no_answer(*no_answer, options.n_best, candidates);
    const bool empty = !found || prediction.no_answer_score > options.null_threshold;
    const size_t best = index == 0 ? 1 : 0;
    chosen = empty ? index : best;
  }
  if (candidates.empty()) {
    prediction.n_best.emplace_back();  // no candidate: an empty text with score 0
    return prediction;
  }
  for (const QaCandidate& candidate : candidates) {
    prediction.n_best.push_back(to_answer(context, candidate));
  }
  set_scores(prediction.n_best);
  prediction.answer = prediction.n_best[chosen];
  return prediction;
}

template <typename Work>
void for_each_in_parallel(size_t count, const Work& work) {
  parallel_for(static_cast<int64_t>(count), kBlock, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) work(i);
  });
}

std::vector<CodePointIndex> index_contexts(const SquadData& data) {
  std::vector<CodePointIndex> code_points(data.contexts.size());
  for_each_in_parallel(code_points.size(),
                       [&](int64_t c) { code_points[c] = CodePointIndex(data.contexts[c]); });
  return code_points;
}

// The windows of each example, in order.
struct WindowsByExample {
  std::vector<int32_t> offsets;  // [examples + 1] into order
  std::vector<int32_t> order;    // [windows]

  std::span<const int32_t> of(int64_t example) const {
    return std::span(order).subspan(offsets[example], offsets[example + 1] - offsets[example]);
  }
};

WindowsByExample group(const std::vector<Window>& windows, size_t examples) {
  WindowsByExample groups{.offsets = std::vector<int32_t>(examples + 1),
                          .order = std::vector<int32_t>(windows.size())};
  for (const Window& window : windows) ++groups.offsets[window.example + 1];
  std::partial_sum(groups.offsets.begin(), groups.offsets.end(), groups.offsets.begin());
  std::vector<int32_t> next = groups.offsets;
  for (size_t w = 0; w < windows.size(); ++w) {
    groups.order[next[windows[w].example]++] = static_cast<int32_t>(w);
  }
  return groups;
}

}  // namespace

QaDecoder::QaDecoder(const SquadData& data, const WindowSet& windows,
                     const QaDecodeOptions& options)
    : data_(data), windows_(windows), options_(options), results_(windows.windows.size()) {
  CHECK(options.n_best >= 1 && options.max_answer_tokens >= 1);
}

void QaDecoder::check_finite(int32_t window, std::span<const float> logits) const {
  const auto finite = [](float logit) { return std::isfinite(logit); };
  if (std::all_of(logits.begin(), logits.end(), finite)) return;
  const SquadExample& example = data_.examples[windows_.windows[window].example];
  throw Error(ErrorKind::kNumerical,
              fmt::format("the model's output for question '{}' is not finite", example.id),
              "the weights are damaged, or training diverged: use another checkpoint");
}

void QaDecoder::add_window(int32_t window, std::span<const float> start,
                           std::span<const float> end) {
  const Window& shape = windows_.windows.at(window);
  CHECK(start.size() == static_cast<size_t>(shape.length()) && end.size() == start.size());
  check_finite(window, start);
  check_finite(window, end);
  std::vector<QaCandidate> candidates = find_candidates(windows_, shape, start, end, options_);
  keep_best(data_.contexts[data_.examples[shape.example].context], options_.n_best, candidates);
  candidates.shrink_to_fit();
  results_[window] = {.added = true,
                      .no_answer = {.start_logit = start[0], .end_logit = end[0]},
                      .candidates = std::move(candidates)};
}

// A candidate that keep_best dropped in a window would be dropped here too, because the n better
// ones, or the equal text, of that window come before it here as well.
std::vector<QaCandidate> QaDecoder::merge_candidates(int64_t example,
                                                     std::span<const int32_t> windows) const {
  std::vector<QaCandidate> all;
  for (const int32_t window : windows) {
    const std::vector<QaCandidate>& of_window = results_[window].candidates;
    all.insert(all.end(), of_window.begin(), of_window.end());
  }
  keep_best(data_.contexts[data_.examples[example].context], options_.n_best, all);
  return all;
}

QaCandidate QaDecoder::merge_no_answer(std::span<const int32_t> windows) const {
  QaCandidate lowest = results_[windows.front()].no_answer;
  for (const int32_t window : windows.subspan(1)) {
    if (results_[window].no_answer.sum() < lowest.sum()) lowest = results_[window].no_answer;
  }
  return lowest;
}

std::vector<QaPrediction> QaDecoder::finish() const {
  for (const WindowResult& result : results_) CHECK(result.added);
  const WindowsByExample groups = group(windows_.windows, data_.examples.size());
  const std::vector<CodePointIndex> code_points = index_contexts(data_);
  std::vector<QaPrediction> predictions(data_.examples.size());
  const auto predict_example = [&](int64_t e) {
    const int32_t context = data_.examples[e].context;
    const std::span<const int32_t> windows = groups.of(e);
    CHECK(!windows.empty());
    std::optional<QaCandidate> no_answer;
    if (options_.version2) no_answer = merge_no_answer(windows);
    predictions[e] = predict({data_.contexts[context], code_points[context]},
                             merge_candidates(e, windows), no_answer, options_);
  };
  for_each_in_parallel(predictions.size(), predict_example);
  return predictions;
}

}  // namespace bertune
