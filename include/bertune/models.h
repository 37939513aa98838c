// SPDX-License-Identifier: Apache-2.0
// Models by name, and checkpoints of a run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bertune/fetch.h"

namespace bertune {

struct ListedModel {
  std::string name;  // one that bertune knows, one of the user's aliases, or a hub id
  std::string meaning;
  std::string hub_id;                           // empty: an alias, or no public folder is known
  std::optional<std::filesystem::path> folder;  // none: not on this machine
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

// The models that can be given by name, and where they come from. docs/models.md.
struct ModelList {
  std::filesystem::path cache;    // folder of what was fetched
  std::filesystem::path aliases;  // file of the user's own names
  std::string hub;                // address
  bool offline = false;           // HF_HUB_OFFLINE is set
  std::vector<ListedModel> models;
};

// The names that bertune knows, then the user's own, then other models in the cache. Throws Error
// for an aliases file that is damaged.
ModelList models();

// The path of a model given as a path, a name or a hub id; fetches it when it is not on this
// machine. Throws Error{kUsage} for an unknown name, with the nearest one; {kSystem, kInput} when
// it cannot be fetched.
std::filesystem::path pull(const std::string& model, const FetchSink& fetching = {});

// The checkpoint of a run in `output_dir`: "last", the one of the highest step, or "best", picked
// by evaluations during training. Throws Error{kUsage} for another word, {kSystem} when there is
// none.
std::filesystem::path find_checkpoint(const std::string& output_dir,
                                      const std::string& which = "last");

}  // namespace bertune
