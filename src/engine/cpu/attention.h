// SPDX-License-Identifier: Apache-2.0
// Self-attention of packed windows. A task is one head in one window: it copies its queries, keys
// and values into the core's cache and goes through the queries block by block, so that no matrix
// of scores ever reaches memory. Formulas: docs/math.md.
#pragma once

#include <cmath>

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

// One head in one window, or in the forward a part of its queries.
struct HeadTask {
  int64_t head, heads;
  int64_t begin, length;                // rows of the window
  int64_t first_query, end_of_queries;  // counted from `begin`
  bool next_follows;  // the same thread takes the next head of the window after this one
};

// The head's part of `x`, one of the equal `parts` that lie behind each other in a row, in the rows
// of the window.
template <typename T>
Matrix<T> head_part(const Tensor& x, int64_t part, int64_t parts, const HeadTask& task) {
  const Matrix<T> all = x.as<T>();
  const int64_t width = all.cols / (parts * task.heads);
  const int64_t column = (part * task.heads + task.head) * width;
  return {all.row(task.begin) + column, task.length, width, all.stride};
}

// What scores are multiplied by.
inline float scale_of(int64_t width) {
  return static_cast<float>(1.0 / std::sqrt(static_cast<double>(width)));
}

// Queries that are worked on together: their scores stay in the first two levels of cache.
inline constexpr int64_t kQueries = 32;

// `multiplies_bf16`: products of bf16 activations are taken in bf16, which the processor must have
// (has_dot_bf16); else, and with fp32 activations, in fp32.
void attention(const Attention&, Workspace&, bool multiplies_bf16);
void attention_backward(const AttentionBackward&, Workspace&, bool multiplies_bf16);

}  // namespace bertune::cpu
