// SPDX-License-Identifier: Apache-2.0
// The available devices, and the choice of an engine: its device and precision with the reasons,
// and whether its ops are timed. The folders above the engine use only this header and know no
// backend.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bertune/options.h"
#include "engine/cpu/ceiling.h"
#include "engine/cpu/cpu_engine.h"
#include "engine/engine.h"
#include "engine/recorder.h"

namespace bertune {

// A kind of device that bertune knows.
struct Device {
  std::string name;     // the value of compute.device: "cpu"
  std::string lacking;  // what is missing before it can compute; empty: it can
  std::string remedy;   // how to get that
};
std::vector<Device> devices();

struct DeviceChoice {
  std::string name;
  std::string reason;  // "cpu, because ..."
};
// `wanted` is "auto" or a device's name. Throws Error{kUsage} for an unknown device, and
// Error{kSystem} for one that cannot compute here.
DeviceChoice choose_device(const std::string& wanted);

// The memory of a device that an engine may still take; empty if it is unknown.
std::optional<int64_t> free_bytes(const std::string& device);

// The times of ops that are kept if compute.trace requests none.
enum class Profiling { kOff, kSums, kEvents };

struct ChosenEngine {
  std::unique_ptr<Recorder> recorder;  // if ops are timed; outlives the engine
  std::unique_ptr<Engine> engine;
  DeviceChoice device;
  PrecisionChoice precision;
};

// The precision with this name. Throws Error{kUsage} for an unknown one.
Precision parse_precision(const std::string& name);
const char* name_of(Precision precision);

// Its ops use as many threads as WithThreads sets for the calling thread. Throws Error{kUsage,
// kSystem} as choose_device does, Error{kUsage} for an unknown precision, and Error{kSystem} if the
// file of compute.trace cannot be written.
ChosenEngine make_engine(const ComputeOptions& options, Profiling profiling = Profiling::kOff);

// The rate of matrix products alone on the engine's device and in its precision.
CeilingProbe make_ceiling_probe(const Engine& engine, std::vector<ProductShape> shapes,
                                CeilingKind kind);

// Writes the file of compute.trace, if one is set.
void write_trace(const ChosenEngine& chosen, const ComputeOptions& options);

}  // namespace bertune
