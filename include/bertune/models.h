// SPDX-License-Identifier: Apache-2.0
// Models by name, and the checkpoints of a run. docs/models.md describes the names and the cache.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bertune/fetch.h"

namespace bertune {

struct ListedModel {
  std::string name;  // a name known to bertune, a user's alias, or a hub id
  std::string meaning;
  std::string hub_id;  // empty for aliases, and if no public folder is known
  std::optional<std::filesystem::path> folder;  // nullopt: not on this machine
  bool is_alias = false;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("name", self.name);
    visitor("meaning", self.meaning);
    visitor("hub_id", self.hub_id);
    visitor("folder", self.folder);
    visitor("is_alias", self.is_alias);
  }
};

// The models that can be given by name, and where they are looked up.
struct ModelList {
  std::filesystem::path cache;    // folder of downloaded models
  std::filesystem::path aliases;  // file with the user's own names
  std::string hub;                // URL
  bool offline = false;           // HF_HUB_OFFLINE is set
  std::vector<ListedModel> models;
};

// Models known to bertune, then the user's aliases, then other models in the cache. Throws Error if
// the aliases file is damaged.
ModelList models();

// The path of a model given as a path, a name or a hub id. Downloads the model if it is not on this
// machine. Throws Error{kUsage}, with the nearest name, if the name is unknown, and {kSystem,
// kInput} if the download fails.
std::filesystem::path pull(const std::string& model, const FetchSink& fetching = {});

// A checkpoint of the run in `output_dir`: "last" (highest step) or "best" (best evaluation during
// training). Throws Error{kUsage} for any other `which`, {kSystem} if there is no such checkpoint.
std::filesystem::path find_checkpoint(const std::string& output_dir,
                                      const std::string& which = "last");

}  // namespace bertune
