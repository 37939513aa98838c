// SPDX-License-Identifier: Apache-2.0
// The models with short names of their own, and what each name stands for. Knows nothing of files;
// resolve.h turns names into paths.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bertune {

struct NamedModel {
  std::string_view name;
  std::string_view hub_id;  // "org/name"; empty: no public folder with safetensors is known
  std::string_view meaning;
};

std::span<const NamedModel> named_models();

// nullptr if there is no such name.
const NamedModel* find_named_model(std::string_view name);

// The name without the prefix "mindspore/", which some users write in front of the same names.
std::string without_family(const std::string& name);

// Whether a name has the form of a hub id: org/name of letters, digits, '-', '_' and '.', under the
// hub's rules. Such a name is also safe as a path.
bool is_hub_id(std::string_view name);

}  // namespace bertune
