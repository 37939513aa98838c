// SPDX-License-Identifier: Apache-2.0
// Every model that can be given by name here, and where it is.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hub/settings.h"

namespace bertune {

struct ListedModel {
  std::string name;  // of named_models(), of the user's aliases, or a hub id
  std::string meaning;
  std::string hub_id;                           // empty: an alias, or no public folder is known
  std::optional<std::filesystem::path> folder;  // none: not on this machine
  bool is_alias = false;
};

// The names that bertune knows, then the user's own, then what else is in the cache. Throws Error
// for an aliases file that is damaged.
std::vector<ListedModel> list_models(const HubSettings& settings);

}  // namespace bertune
