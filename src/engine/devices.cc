// SPDX-License-Identifier: Apache-2.0
#include "engine/devices.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/io.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/spelling.h"
#include "bertune/error.h"

namespace bertune {
namespace {

// About 25 MB of trace file, or 250 steps of BERT-base.
constexpr size_t kMaxTraceEvents = 100'000;

constexpr const char* kAuto = "auto";

// `auto` and the devices that can compute here.
std::vector<std::string> names_of(const std::vector<Device>& devices) {
  std::vector<std::string> names = {kAuto};
  for (const Device& device : devices) {
    if (device.lacking.empty()) names.push_back(device.name);
  }
  return names;
}

}  // namespace

std::vector<Device> devices() {
  return {{.name = "cpu", .lacking = {}, .remedy = {}},
          {.name = "cuda",
           .lacking = "this build of bertune has no engine for NVIDIA GPUs",
           .remedy = "no release has one yet; set " + option("device", "cpu")}};
}

DeviceChoice choose_device(const std::string& wanted) {
  if (wanted == kAuto) return {"cpu", "cpu, because no other device can compute here"};
  const std::vector<Device> known = devices();
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const Device& device) { return device.name == wanted; });
  if (found == known.end()) {
    const std::vector<std::string> names = names_of(known);
    throw Error(ErrorKind::kUsage, fmt::format("{} is '{}'", option("device"), wanted),
                fmt::format("did you mean {}? {} must be one of {}",
                            option("device", nearest_name(wanted, names)), option("device"),
                            fmt::join(names, ", ")));
  }
  if (!found->lacking.empty()) {
    throw Error(ErrorKind::kSystem,
                fmt::format("{} is '{}', but {}", option("device"), wanted, found->lacking),
                found->remedy);
  }
  return {wanted, wanted + ", as requested"};
}

std::optional<int64_t> free_bytes(const std::string& device) {
  CHECK(device == "cpu");
  return available_bytes();
}

Precision parse_precision(const std::string& name) {
  if (name == "auto") return Precision::kAuto;
  if (name == "fp32") return Precision::kFp32;
  if (name == "bf16") return Precision::kBf16;
  throw Error(ErrorKind::kUsage, fmt::format("{} is '{}'", option("precision"), name),
              option("precision") + " must be auto, fp32 or bf16");
}

const char* name_of(Precision precision) {
  if (precision == Precision::kAuto) return kAuto;
  return precision == Precision::kBf16 ? "bf16" : "fp32";
}

ChosenEngine make_engine(const ComputeOptions& options, Profiling profiling) {
  ChosenEngine chosen{.recorder = nullptr,
                      .engine = nullptr,
                      .device = choose_device(options.device),
                      .precision = choose_precision(parse_precision(options.precision))};
  if (!options.trace.empty()) require_writable_file(options.trace);
  if (!options.trace.empty() || profiling != Profiling::kOff) {
    const bool events = !options.trace.empty() || profiling == Profiling::kEvents;
    chosen.recorder = std::make_unique<Recorder>(events ? kMaxTraceEvents : 0);
  }
  chosen.engine = make_cpu_engine(chosen.precision.precision);
  chosen.engine->record(chosen.recorder.get());
  return chosen;
}

CeilingProbe make_ceiling_probe(const Engine& engine, std::vector<ProductShape> shapes,
                                CeilingKind kind) {
  return CeilingProbe(engine.precision() == Precision::kBf16, std::move(shapes), kind);
}

void write_trace(const ChosenEngine& chosen, const ComputeOptions& options) {
  if (options.trace.empty()) return;
  write_file_atomic(options.trace,
                    chrome_trace(chosen.recorder->trace(), chosen.engine->description()));
  log_info("trace of {} events: {}", chosen.recorder->trace().events().size(), options.trace);
}

}  // namespace bertune
