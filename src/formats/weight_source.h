// SPDX-License-Identifier: Apache-2.0
// Where weights come from: one or several files of some format, with tensors by name. What names a
// parameter has in a format, and how its values are stored, is the format's affair; what a model
// needs of it is decided in weights.h.
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

  // The names that a parameter may have there, the usual one first. As they are: transformers'.
  virtual std::vector<StoredName> names_of(const Parameter& parameter) const {
    std::vector<StoredName> names = {{parameter.name}};
    for (const std::string& name : parameter.other_names) names.push_back({name});
    return names;
  }

  virtual const StoredShape* find(const std::string& name) const = 0;  // null: not there

  // The elements as stored, as fp32; `out` has as many. May be called from several threads. Throws
  // Error{kInput}: values of a type that has no place in a model.
  virtual void read(const std::string& name, std::span<float> out) const = 0;

  // "'FILE', which has 39 tensors, the first 'NAME'", for messages.
  virtual std::string description() const = 0;
};

}  // namespace bertune
