// SPDX-License-Identifier: Apache-2.0
// The memory of a training run, planned before its first step. The plan is shown by group in the
// start-up table; a plan that does not fit is an error with a hint.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bertune/options.h"
#include "engine/arena.h"
#include "model/config.h"

namespace bertune {

struct MemoryPlan {
  std::vector<std::pair<std::string, int64_t>> groups;  // what the run allocates, in bytes
  int64_t resident = 0;         // bytes the process has now: program, data, files
  int64_t already = 0;          // bytes of `groups` that are already in `resident`
  int64_t by_pass = 0;          // bytes of `groups` proportional to the tokens of a pass
  int64_t pass_tokens = 0;      // tokens of the largest pass
  int64_t recompute_saves = 0;  // bytes that recompute would save; 0 if it is on or saves nothing

  int64_t peak() const;
  int64_t still_to_take() const { return peak() - resident; }
};

// Call once all data is in memory and the arena is planned, but not committed. `products`: bytes
// the engine reserved for matrix products. `copy`: bytes that a checkpoint is copied into, of which
// `copy_now` are already allocated.
MemoryPlan plan_memory(const Arena& arena, int64_t pass_tokens, size_t products, size_t copy,
                       size_t copy_now);

// Bytes of activations that recompute saves.
int64_t recompute_saves(Engine& engine, const BertConfig& config, int64_t pass_tokens);

std::vector<std::pair<std::string, std::string>> memory_rows(const MemoryPlan& plan);

// Throws Error{kSystem} if the plan exceeds `limit` or the memory that is available.
void require_memory(const MemoryPlan& plan, std::optional<int64_t> limit,
                    std::optional<int64_t> available);

}  // namespace bertune
