// SPDX-License-Identifier: Apache-2.0
// The numbers of a training run in host memory: weights and Adam's moments at one step. It is where
// a run's first numbers are read into and what its checkpoints are written from, so that saving
// stops training for a copy only.
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

  void take(const Model& model, const Optimizer& optimizer);  // sizes them at the first call
  size_t bytes() const;                                       // now
};

// Bytes of one that is filled.
size_t snapshot_bytes(const ParameterList& list);

// training_state.safetensors: moment1.NAME and moment2.NAME of every parameter, F32.
void write_moments(const std::filesystem::path& checkpoint, const ParameterList& list,
                   const TrainingSnapshot& snapshot);

// Throws Error{kInput}, with what can be done, when a checkpoint has none.
void require_moments(const std::filesystem::path& checkpoint);

// Weights and moments of a checkpoint, bit for bit as they were written. Throws Error{kSystem,
// kInput}: damaged, of other shapes, or written without moments.
TrainingSnapshot read_snapshot(const std::filesystem::path& checkpoint, const ParameterList& list);

// Throws Error{kNumerical} when a weight is not finite: such a checkpoint would be worth nothing,
// and pruning would give up a good one for it.
void require_finite_weights(const ParameterList& list, const TrainingSnapshot& snapshot,
                            int64_t step);

// The first parameter, in the order of the backward pass, with a value that is not finite; empty:
// none. `values` are laid out by `list`.
std::string first_not_finite(const ParameterList& list, std::span<const float> values);

}  // namespace bertune
