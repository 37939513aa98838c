// SPDX-License-Identifier: Apache-2.0
#include "engine/devices.h"

#include <fmt/format.h>

#include <utility>

#include "base/io.h"
#include "base/log.h"
#include "bertune/error.h"

namespace bertune {
namespace {

// About 25 MB of trace file, or 250 steps of BERT-base.
constexpr size_t kMaxTraceEvents = 100'000;

}  // namespace

Precision parse_precision(const std::string& name) {
  if (name == "auto") return Precision::kAuto;
  if (name == "fp32") return Precision::kFp32;
  if (name == "bf16") return Precision::kBf16;
  throw Error(ErrorKind::kUsage, fmt::format("{} is '{}'", option("precision"), name),
              option("precision") + " must be auto, fp32 or bf16");
}

ChosenEngine make_engine(const ComputeOptions& options, Profiling profiling) {
  const PrecisionChoice precision = choose_precision(parse_precision(options.precision));
  std::unique_ptr<Engine> engine = make_cpu_engine(precision.precision);
  if (options.trace.empty() && profiling == Profiling::kOff) return {std::move(engine), precision};
  if (!options.trace.empty()) require_writable_file(options.trace);
  const bool events = !options.trace.empty() || profiling == Profiling::kEvents;
  auto traced = std::make_unique<TraceEngine>(std::move(engine), events ? kMaxTraceEvents : 0);
  TraceEngine* trace = traced.get();
  return {std::move(traced), precision, trace};
}

void write_trace(const ChosenEngine& chosen, const ComputeOptions& options) {
  if (options.trace.empty()) return;
  write_file_atomic(options.trace,
                    chrome_trace(chosen.trace->trace(), chosen.engine->description()));
  log_info("trace of {} events: {}", chosen.trace->trace().events().size(), options.trace);
}

}  // namespace bertune
