// SPDX-License-Identifier: Apache-2.0
// The work unit of attention, one head of one window, in fp32 and in bf16. attention.h distributes
// the tasks over the threads.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/tensor.h"

namespace bertune::cpu {

// One head of one window, or in the forward pass a part of its queries.
struct HeadTask {
  int64_t head, heads;
  int64_t begin, length;                // rows of the window
  int64_t first_query, end_of_queries;  // relative to `begin`
  bool next_follows;  // the same thread computes the next head of this window next
};

// The head's columns of `x`, in the rows of its window. A row of x consists of `parts` equal parts,
// such as queries, keys and values, and `part` selects one.
template <typename T>
Matrix<T> head_part(const Tensor& x, int64_t part, int64_t parts, const HeadTask& task) {
  const Matrix<T> all = x.as<T>();
  const int64_t width = all.cols / (parts * task.heads);
  const int64_t column = (part * task.heads + task.head) * width;
  return {all.row(task.begin) + column, task.length, width, all.stride};
}

// The factor applied to scores.
inline float scale_of(int64_t width) {
  return static_cast<float>(1.0 / std::sqrt(static_cast<double>(width)));
}

// The number of queries per block, chosen so that their scores stay in the first two levels of
// cache.
inline constexpr int64_t kQueries = 32;

}  // namespace bertune::cpu
