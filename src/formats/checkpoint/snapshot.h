// SPDX-License-Identifier: Apache-2.0
// A training run's weights and Adam moments at one step, in host memory. A run's initial values are
// read into a snapshot and its checkpoints are written from one, so training stops only for the
// copy and not while files are written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "model/model.h"
#include "model/optimizer.h"
#include "model/params.h"

namespace bertune {

struct TrainingSnapshot {
  std::vector<float> weights, moment1, moment2;  // [list.size] each

  void take(const Model& model, const Optimizer& optimizer);  // allocates at the first call
  size_t bytes() const;                                       // currently allocated
};

// The bytes of a snapshot after take().
size_t snapshot_bytes(const ParameterList& list);

// Writes training_state.safetensors, with moment1.NAME and moment2.NAME of every parameter as F32.
void write_moments(const std::filesystem::path& checkpoint, const ParameterList& list,
                   const TrainingSnapshot& snapshot);

// Throws Error{kInput}, with a hint, when a checkpoint has no moments.
void require_moments(const std::filesystem::path& checkpoint);

// Reads the weights and moments of a checkpoint, bit for bit as they were written. Throws
// Error{kSystem, kInput} when a file is damaged, has other shapes, or was written without moments.
TrainingSnapshot read_snapshot(const std::filesystem::path& checkpoint, const ParameterList& list);

// Throws Error{kNumerical} when a weight is not finite. Such a checkpoint would be useless, and
// pruning would remove a good one in its favour.
void require_finite_weights(const ParameterList& list, const TrainingSnapshot& snapshot,
                            int64_t step);

// The first parameter, in the order of the backward pass, with a value that is not finite, or an
// empty string. `values` are laid out by `list`.
std::string first_not_finite(const ParameterList& list, std::span<const float> values);

}  // namespace bertune
