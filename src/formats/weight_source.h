// SPDX-License-Identifier: Apache-2.0
// A WeightSource reads tensors by name from one or more files of a format. Each format implements
// it and decides how its parameters are named and stored. weights.h decides which tensors a model
// needs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "model/layout.h"

namespace bertune {

struct StoredName {
  std::string name;
  bool transposed = false;  // [in, out] where the parameter is [out, in]
};

struct StoredShape {
  std::vector<int64_t> shape;
  std::filesystem::path file;
};

class WeightSource {
 public:
  virtual ~WeightSource() = default;

  // The names a parameter may have in this format, the usual one first. The default is
  // transformers' names.
  virtual std::vector<StoredName> names_of(const Parameter& parameter) const {
    std::vector<StoredName> names = {{parameter.name}};
    for (const std::string& name : parameter.other_names) names.push_back({name});
    return names;
  }

  virtual const StoredShape* find(const std::string& name) const = 0;  // null: no such tensor

  // Reads out.size() of the tensor's elements, as stored, from element `first` on, converted to
  // fp32. Safe to call from several threads. Throws Error{kInput} for an element type that cannot
  // be read as a weight, and for a file that has become shorter.
  virtual void read(const std::string& name, size_t first, std::span<float> out) const = 0;

  // "'FILE', which has 39 tensors, the first 'NAME'", for messages.
  virtual std::string description() const = 0;
};

}  // namespace bertune
