// SPDX-License-Identifier: Apache-2.0
// The memory of a training run, known before its first step: told by group, and refused with a way
// out when there is not enough.
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
  std::vector<std::pair<std::string, int64_t>> groups;  // of what the run takes, in bytes
  int64_t resident = 0;         // what the process has now: program, data, files
  int64_t already = 0;          // of the groups, what is in `resident` too
  int64_t by_pass = 0;          // of the groups, what is in proportion to the tokens of a pass
  int64_t pass_tokens = 0;      // of the largest pass
  int64_t recompute_saves = 0;  // what recompute would take less; 0: it is on, or saves nothing

  int64_t peak() const;
  int64_t still_to_take() const { return peak() - resident; }
};

// To be called when all data is in memory and the arena is planned, but not committed yet.
// `products`: what the engine reserved for products; `copy`: what saving copies into, of which
// `copy_now` is there already.
MemoryPlan plan_memory(const Arena& arena, int64_t pass_tokens, size_t products, size_t copy,
                       size_t copy_now);

// What recompute takes less of activations than training without it.
int64_t recompute_saves(Engine& engine, const BertConfig& config, int64_t pass_tokens);

std::vector<std::pair<std::string, std::string>> memory_rows(const MemoryPlan& plan);

// Throws Error{kSystem} when the plan is above `limit` or above what the machine has left.
void require_memory(const MemoryPlan& plan, std::optional<int64_t> limit,
                    std::optional<int64_t> available);

}  // namespace bertune
