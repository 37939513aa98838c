// SPDX-License-Identifier: Apache-2.0
// Reads and writes the weights of a MindSpore BERT, mapping its parameter names to transformers'
// names.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "formats/mindspore/file.h"
#include "formats/weight_source.h"
#include "model/params.h"

namespace bertune {

class MindSporeWeights : public WeightSource {
 public:
  explicit MindSporeWeights(const std::filesystem::path& file);  // throws Error{kSystem, kInput}

  std::vector<StoredName> names_of(const Parameter& parameter) const override;
  const StoredShape* find(const std::string& name) const override;
  void read(const std::string& name, size_t first, std::span<float> out) const override;
  std::string description() const override;

 private:
  MindSporeFile file_;
  std::map<std::string, StoredShape> shapes_;
};

// The names MindSpore's BERT has for a parameter, the usual one first. Empty if it has no such
// parameter.
std::vector<StoredName> mindspore_names(const std::string& parameter);

// Writes all of `list` from `values` [list.size] as a MindSpore checkpoint of Float32 tensors. Not
// atomic. Throws Error{kSystem}, and Error{kInput} for a parameter that MindSpore's BERT does not
// have.
void write_mindspore_weights(const std::filesystem::path& path, const ParameterList& list,
                             std::span<const float> values);

}  // namespace bertune
