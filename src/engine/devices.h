// SPDX-License-Identifier: Apache-2.0
// The choice of an engine: which one computes, in which precision and why, and whether its ops are
// timed. Everything above asks here and knows no backend.
#pragma once

#include <memory>

#include "bertune/options.h"
#include "engine/cpu/cpu_engine.h"
#include "engine/engine.h"
#include "engine/trace_engine.h"

namespace bertune {

// Which times of the ops are kept when compute.trace does not ask for any.
enum class Profiling { kOff, kSums, kEvents };

struct ChosenEngine {
  std::unique_ptr<Engine> engine;
  PrecisionChoice precision;
  TraceEngine* trace = nullptr;  // the engine itself, when it times its ops
};

// The precision of that name. Throws Error{kUsage} for another word.
Precision parse_precision(const std::string& name);

// Sets the number of threads, too. Throws Error{kUsage} for an unknown precision; {kSystem} when
// the file of compute.trace cannot be written.
ChosenEngine make_engine(const ComputeOptions& options, Profiling profiling = Profiling::kOff);

// Writes the file of compute.trace, if one is given.
void write_trace(const ChosenEngine& chosen, const ComputeOptions& options);

}  // namespace bertune
