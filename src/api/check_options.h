// SPDX-License-Identifier: Apache-2.0
// What every subcommand does first: check its options, set the threads, choose the engine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "bertune/options.h"
#include "engine/cpu/cpu_engine.h"
#include "engine/engine.h"
#include "engine/trace_engine.h"
#include "model/task_model.h"

namespace bertune {

// Throw Error{kUsage} that names the flag, its value and what it may be.
void check_options(const TrainOptions& options);
void check_values(const TrainOptions& options);  // what train needs to be given may be missing
void check_options(const EvaluateOptions& options);
void check_options(const PredictOptions& options);
void check_options(const PredictorOptions& options);
void check_top_k(const std::optional<int64_t>& top_k);
void check_options(const BenchTrainOptions& options);
void check_options(const BenchInferOptions& options);
void check_options(const BenchTokenizeOptions& options);

// The options with the recipe of their task where they say nothing. Throws Error{kUsage}: no such
// task.
TrainOptions with_recipe(TrainOptions options);

// What is kept of the ops' times though --trace does not ask for it.
enum class Profiling { kOff, kSums, kEvents };

struct ChosenEngine {
  std::unique_ptr<Engine> engine;
  PrecisionChoice precision;
  TraceEngine* trace = nullptr;  // the engine itself, when it times its ops
};
// Throws Error{kSystem} when the file of --trace cannot be written.
ChosenEngine make_engine(const ComputeOptions& options, Profiling profiling = Profiling::kOff);

// The file of --trace, if that was given.
void write_trace(const ChosenEngine& chosen, const ComputeOptions& options);

// Takes now what products of passes of up to `rows` tokens need while they run; returns its bytes.
size_t reserve_products(Engine& engine, const BertConfig& config, int64_t rows);

std::string format_bytes(double bytes);  // "1.2 GiB"

}  // namespace bertune
