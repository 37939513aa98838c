// SPDX-License-Identifier: Apache-2.0
// The choice of an engine: its device, its precision with the reason, and whether its ops are
// timed. The folders above the engine use only this header and know no backend.
#pragma once

#include <memory>

#include "bertune/options.h"
#include "engine/cpu/cpu_engine.h"
#include "engine/engine.h"
#include "engine/trace_engine.h"

namespace bertune {

// The times of ops that are kept if compute.trace requests none.
enum class Profiling { kOff, kSums, kEvents };

struct ChosenEngine {
  std::unique_ptr<Engine> engine;
  PrecisionChoice precision;
  TraceEngine* trace = nullptr;  // the engine itself if it times its ops; else nullptr
};

// The precision with this name. Throws Error{kUsage} for an unknown one.
Precision parse_precision(const std::string& name);

// Its ops use as many threads as WithThreads sets for the calling thread. Throws Error{kUsage} for
// an unknown precision, and Error{kSystem} if the file of compute.trace cannot be written.
ChosenEngine make_engine(const ComputeOptions& options, Profiling profiling = Profiling::kOff);

// Writes the file of compute.trace, if one is set.
void write_trace(const ChosenEngine& chosen, const ComputeOptions& options);

}  // namespace bertune
