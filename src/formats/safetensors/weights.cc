// SPDX-License-Identifier: Apache-2.0
#include "formats/safetensors/weights.h"

#include <fmt/format.h>

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
                fmt::format("tensor '{}' is in '{}' and in '{}'", name,
                            other->second.file->path().string(), file.path().string()));
  }
}

// With or without "bert."; a LayerNorm's weight and bias were once called gamma and beta.
std::vector<StoredName> SafetensorsWeights::names_of(const std::string& parameter) const {
  std::vector<StoredName> names = {{parameter}};
  if (parameter.starts_with("bert.")) names.push_back({parameter.substr(5)});
  for (size_t i = 0, count = names.size(); i < count; ++i) {
    std::string old = names[i].name;
    if (old.ends_with("LayerNorm.weight"))
      names.push_back({old.replace(old.size() - 6, 6, "gamma")});
    else if (old.ends_with("LayerNorm.bias"))
      names.push_back({old.replace(old.size() - 4, 4, "beta")});
    else if (old == "cls.predictions.bias")
      names.push_back({"cls.predictions.decoder.bias"});
  }
  return names;
}

const StoredShape* SafetensorsWeights::find(const std::string& name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &found->second.shape;
}

void SafetensorsWeights::read(const std::string& name, std::span<float> out) const {
  places_.at(name).file->read(name, out);
}

std::string SafetensorsWeights::description() const {
  const fs::path& first_file = files_[0].path();
  const fs::path where = files_.size() == 1 ? first_file : first_file.parent_path();
  const std::string first = places_.empty() ? "none" : places_.begin()->first;
  return fmt::format("'{}', which has {} tensors, the first '{}'", where.string(), places_.size(),
                     first);
}

}  // namespace bertune
