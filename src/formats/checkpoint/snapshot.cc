// SPDX-License-Identifier: Apache-2.0
#include "formats/checkpoint/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "base/io.h"
#include "bertune/error.h"
#include "formats/safetensors/file.h"
#include "formats/weights.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMomentsName = "training_state.safetensors";

template <typename Values>
auto part_of(const Parameter& parameter, Values& flat) {
  return std::span(flat).subspan(static_cast<size_t>(parameter.offset),
                                 static_cast<size_t>(parameter.size()));
}

void read_moment(const SafetensorsFile& file, const std::string& prefix, const ParameterList& list,
                 std::vector<float>& moment) {
  moment.resize(static_cast<size_t>(list.size));
  for (const Parameter& parameter : list.parameters) {
    const std::string name = prefix + parameter.name;
    const StoredTensor* tensor = file.find(name);
    if (tensor == nullptr || tensor->dtype != "F32" || tensor->shape != parameter.shape) {
      throw Error(ErrorKind::kInput,
                  fmt::format("'{}': tensor '{}' must be F32 {}, but is {}", file.path().string(),
                              name, shape_text(parameter.shape),
                              tensor == nullptr ? "missing"
                                                : tensor->dtype + " " + shape_text(tensor->shape)),
                  "the file belongs to another model or is damaged");
    }
    file.read(name, 0, part_of(parameter, moment));
  }
}

}  // namespace

void TrainingSnapshot::take(const Model& model, const Optimizer& optimizer) {
  const auto size = static_cast<size_t>(model.list().size);
  for (std::vector<float>* values : {&weights, &moment1, &moment2}) values->resize(size);
  model.save(weights);
  optimizer.save(moment1, moment2);
}

size_t TrainingSnapshot::bytes() const {
  return (weights.size() + moment1.size() + moment2.size()) * sizeof(float);
}

size_t snapshot_bytes(const ParameterList& list) {
  return 3 * static_cast<size_t>(list.size) * sizeof(float);
}

void write_moments(const fs::path& checkpoint, const ParameterList& list,
                   const TrainingSnapshot& snapshot) {
  std::vector<TensorToWrite> tensors;
  const auto add = [&](const char* prefix, const std::vector<float>& moment) {
    for (const Parameter& parameter : list.parameters)
      tensors.push_back({prefix + parameter.name, parameter.shape, part_of(parameter, moment)});
  };
  add("moment1.", snapshot.moment1);
  add("moment2.", snapshot.moment2);
  write_safetensors(checkpoint / kMomentsName, tensors);
}

void require_moments(const fs::path& checkpoint) {
  if (is_file(checkpoint / kMomentsName)) return;
  throw Error(
      ErrorKind::kInput,
      fmt::format("'{}' has no {}: it was written by an earlier version, or the file was removed",
                  checkpoint.string(), kMomentsName),
      fmt::format("without Adam's moments a run cannot resume exactly; start a new run from these "
                  "weights: {} with another {}",
                  option("model", checkpoint.string()), option("output_dir")));
}

TrainingSnapshot read_snapshot(const fs::path& checkpoint, const ParameterList& list) {
  require_moments(checkpoint);
  TrainingSnapshot snapshot;
  HostWeights weights =
      read_weights(find_model_files(checkpoint, {.config = false, .vocabulary = false}), list);
  if (!weights.missing_head.empty()) {
    throw Error(ErrorKind::kInput, fmt::format("'{}' has no tensor '{}'", checkpoint.string(),
                                               weights.missing_head.front()));
  }
  snapshot.weights = std::move(weights.values);
  const SafetensorsFile file(checkpoint / kMomentsName);
  read_moment(file, "moment1.", list, snapshot.moment1);
  read_moment(file, "moment2.", list, snapshot.moment2);
  return snapshot;
}

void require_finite_weights(const ParameterList& list, const TrainingSnapshot& snapshot,
                            int64_t step) {
  const std::string name = first_not_finite(list, snapshot.weights);
  if (name.empty()) return;
  throw Error(ErrorKind::kNumerical,
              fmt::format("after step {} the weights of {} are not finite", step, name),
              fmt::format("lower {} or set {}", option("learning_rate"), option("max_grad_norm")));
}

std::string first_not_finite(const ParameterList& list, std::span<const float> values) {
  const auto bad = std::find_if(
      list.parameters.rbegin(), list.parameters.rend(), [&](const Parameter& parameter) {
        const auto part = part_of(parameter, values);
        return !std::all_of(part.begin(), part.end(), [](float x) { return std::isfinite(x); });
      });
  return bad == list.parameters.rend() ? std::string() : bad->name;
}

}  // namespace bertune
