// SPDX-License-Identifier: Apache-2.0
// The weights of a Hugging Face folder, from one safetensors file or several shards. A parameter is
// found under its current name or any of its older ones.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "formats/safetensors/file.h"
#include "formats/weight_source.h"

namespace bertune {

class SafetensorsWeights : public WeightSource {
 public:
  // Throws Error{kSystem, kInput} for a damaged file, or for a tensor that occurs in two files.
  explicit SafetensorsWeights(const std::vector<std::filesystem::path>& files);

  const StoredShape* find(const std::string& name) const override;
  void read(const std::string& name, size_t first, std::span<float> out) const override;
  std::string description() const override;

 private:
  struct Place {
    const SafetensorsFile* file;
    StoredShape shape;
  };
  void add(const SafetensorsFile& file);

  std::vector<SafetensorsFile> files_;
  std::map<std::string, Place> places_;
};

// Writes all of `list` from `values` [list.size] as one file. Not atomic. Throws Error{kSystem}.
void write_safetensors_weights(const std::filesystem::path& path, const ParameterList& list,
                               std::span<const float> values);

}  // namespace bertune
