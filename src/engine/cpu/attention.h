// Self-attention of packed windows. A task is one head in one window: it copies its queries, keys
// and values into the core's cache and goes through the queries block by block, so that no matrix
// of scores ever reaches memory. Formulas: docs/math.md.
// SPDX-License-Identifier: Apache-2.0
#pragma once

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

// Queries that are worked on together: their scores stay in the first two levels of cache.
inline constexpr int64_t kQueries = 32;

// `multiplies_bf16`: products of bf16 activations are taken in bf16, which the processor must have
// (has_dot_bf16); else, and with fp32 activations, in fp32.
void attention(const Attention&, Workspace&, bool multiplies_bf16);
void attention_backward(const AttentionBackward&, Workspace&, bool multiplies_bf16);

}  // namespace bertune::cpu
