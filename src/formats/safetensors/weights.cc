// SPDX-License-Identifier: Apache-2.0
#include "formats/safetensors/weights.h"

#include <fmt/format.h>

#include "base/check.h"
#include "bertune/error.h"

namespace bertune {

namespace fs = std::filesystem;

SafetensorsWeights::SafetensorsWeights(const std::vector<fs::path>& files) {
  for (const fs::path& path : files) files_.emplace_back(path);
  for (const SafetensorsFile& file : files_) add(file);
}

void SafetensorsWeights::add(const SafetensorsFile& file) {
  for (const auto& [name, tensor] : file.tensors()) {
    const Place place{&file, {tensor.shape, file.path()}};
    const auto [other, added] = places_.emplace(name, place);
    if (added) continue;
    throw Error(ErrorKind::kInput,
                fmt::format("tensor '{}' occurs both in '{}' and in '{}'", name,
                            other->second.file->path().string(), file.path().string()));
  }
}

const StoredShape* SafetensorsWeights::find(const std::string& name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &found->second.shape;
}

void SafetensorsWeights::read(const std::string& name, size_t first, std::span<float> out) const {
  places_.at(name).file->read(name, first, out);
}

std::string SafetensorsWeights::description() const {
  const fs::path& first_file = files_[0].path();
  const fs::path where = files_.size() == 1 ? first_file : first_file.parent_path();
  const std::string first = places_.empty() ? "none" : places_.begin()->first;
  return fmt::format("'{}', which has {} tensors, the first of them '{}'", where.string(),
                     places_.size(), first);
}

void write_safetensors_weights(const fs::path& path, const ParameterList& list,
                               std::span<const float> values) {
  CHECK(values.size() == static_cast<size_t>(list.size));
  std::vector<TensorToWrite> tensors;
  for (const Parameter& parameter : list.parameters) {
    const auto offset = static_cast<size_t>(parameter.offset);
    const auto size = static_cast<size_t>(parameter.size());
    tensors.push_back({parameter.name, parameter.shape, values.subspan(offset, size)});
  }
  write_safetensors(path, tensors);
}

}  // namespace bertune
