// SPDX-License-Identifier: Apache-2.0
#include "hub/list.h"

#include <algorithm>
#include <system_error>

#include "hub/aliases.h"
#include "hub/cache.h"
#include "hub/names.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> cached(const HubSettings& settings, const std::string& id) {
  if (id.empty() || !is_cached(settings, id)) return {};
  return cached_folder(settings, id);
}

ListedModel listed(const Alias& alias) {
  std::error_code ignored;
  ListedModel model{
      .name = alias.name, .meaning = "alias of " + alias.folder.string(), .is_alias = true};
  if (fs::exists(alias.folder, ignored)) model.folder = alias.folder;
  return model;
}

}  // namespace

std::vector<ListedModel> list_models(const HubSettings& settings) {
  std::vector<Alias> aliases = read_aliases(settings.aliases);
  std::vector<ListedModel> models;
  for (const NamedModel& named : named_models()) {
    const auto own = std::find_if(aliases.begin(), aliases.end(),
                                  [&](const Alias& alias) { return alias.name == named.name; });
    if (own != aliases.end()) {  // an alias overrides a name of ours
      models.push_back(listed(*own));
      aliases.erase(own);
      continue;
    }
    const std::string id(named.hub_id);
    models.push_back({.name = std::string(named.name),
                      .meaning = std::string(named.meaning),
                      .hub_id = id,
                      .folder = cached(settings, id)});
  }
  for (const Alias& alias : aliases) models.push_back(listed(alias));
  for (const std::string& id : list_cached(settings)) {
    const bool has_name = std::any_of(models.begin(), models.end(),
                                      [&](const ListedModel& model) { return model.hub_id == id; });
    if (!has_name)
      models.push_back({.name = id, .meaning = "", .hub_id = id, .folder = cached(settings, id)});
  }
  return models;
}

}  // namespace bertune
