// SPDX-License-Identifier: Apache-2.0
#include "train/memory_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/memory.h"
#include "bertune/error.h"
#include "model/encoder.h"

namespace bertune {
namespace {

bool grows_with_pass(const std::string& group) {
  return group == "batch" || group.starts_with("activation");
}

int64_t activation_bytes(Engine& engine, const BertConfig& config, int64_t pass_tokens,
                         Recompute recompute) {
  Arena arena(engine);
  EncoderActivations activations;
  plan_activations(config, {engine.dtypes(), Purpose::kTraining, recompute, pass_tokens}, arena,
                   activations);
  return static_cast<int64_t>(arena.bytes());
}

// Recomputation does not change the result, but makes steps longer.
std::string recompute_hint(const MemoryPlan& plan, int64_t missing) {
  const std::string less = format_bytes(static_cast<double>(plan.recompute_saves));
  return plan.recompute_saves >= missing
             ? fmt::format("or turn on {}, which saves {} and makes steps longer",
                           option("recompute"), less)
             : fmt::format("{} saves {} and makes steps longer, but is not enough on its own",
                           option("recompute"), less);
}

// The cheapest remedy. Fewer tokens per pass change the result only by rounding, because the
// gradients of a batch's parts are summed.
std::string fewer_tokens(const MemoryPlan& plan, int64_t missing) {
  const int64_t tokens =
      plan.by_pass > missing ? plan.pass_tokens * (plan.by_pass - missing) / plan.by_pass : 0;
  // Rounded down and kept below the estimate, because the arena pads its parts.
  const int64_t budget = tokens * 95 / 100 / 64 * 64;
  if (budget < 64) {
    return "this model does not fit even with a few tokens per pass; use a smaller model or a "
           "machine with more memory";
  }
  return fmt::format(
      "set {} or less, which splits a batch into more passes and sums their gradients; "
      "a pass holds at least one whole window, so {} may also have to be lower",
      option("token_budget", fmt::format("{}", budget)), option("max_seq_length"));
}

std::string way_out(const MemoryPlan& plan, int64_t missing) {
  const std::string tokens = fewer_tokens(plan, missing);
  if (plan.recompute_saves <= 0) return tokens;
  return fmt::format("{}; {}", tokens, recompute_hint(plan, missing));
}

}  // namespace

int64_t recompute_saves(Engine& engine, const BertConfig& config, int64_t pass_tokens) {
  return activation_bytes(engine, config, pass_tokens, Recompute::kOff) -
         activation_bytes(engine, config, pass_tokens, Recompute::kOn);
}

int64_t MemoryPlan::peak() const {
  int64_t sum = resident - already;
  for (const auto& [group, bytes] : groups) sum += bytes;
  return sum;
}

MemoryPlan plan_memory(const Arena& arena, int64_t pass_tokens, size_t products, size_t copy,
                       size_t copy_now) {
  MemoryPlan plan{.groups = {},
                  .resident = resident_bytes(),
                  .already = static_cast<int64_t>(copy_now),
                  .by_pass = 0,
                  .pass_tokens = pass_tokens,
                  .recompute_saves = 0};
  for (const auto& [group, bytes] : arena.groups()) {
    plan.groups.emplace_back(group, static_cast<int64_t>(bytes));
    if (grows_with_pass(group)) plan.by_pass += static_cast<int64_t>(bytes);
  }
  if (products > 0) plan.groups.emplace_back("products", static_cast<int64_t>(products));
  plan.groups.emplace_back("copy for saving", static_cast<int64_t>(copy));
  return plan;
}

std::vector<std::pair<std::string, std::string>> memory_rows(const MemoryPlan& plan) {
  std::vector<std::pair<std::string, std::string>> rows;
  const auto add = [&](const std::string& name, int64_t bytes) {
    rows.emplace_back("memory: " + name, format_bytes(static_cast<double>(bytes)));
  };
  for (const auto& [group, bytes] : plan.groups) add(group, bytes);
  add("program, data, files", plan.resident - plan.already);
  add("planned peak", plan.peak());
  return rows;
}

void require_memory(const MemoryPlan& plan, std::optional<int64_t> limit,
                    std::optional<int64_t> available) {
  const auto text = [](int64_t bytes) { return format_bytes(static_cast<double>(bytes)); };
  if (limit && plan.peak() > *limit) {
    throw Error(ErrorKind::kSystem,
                fmt::format("training needs {} at its peak, but {} is {}", text(plan.peak()),
                            option("memory_limit"), text(*limit)),
                way_out(plan, plan.peak() - *limit));
  }
  if (available && plan.still_to_take() > *available) {
    throw Error(ErrorKind::kSystem,
                fmt::format("training needs {} at its peak, {} more than now, but only {} are "
                            "available",
                            text(plan.peak()), text(plan.still_to_take()), text(*available)),
                way_out(plan, plan.still_to_take() - *available));
  }
}

}  // namespace bertune
