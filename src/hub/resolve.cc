// SPDX-License-Identifier: Apache-2.0
#include "hub/resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <vector>

#include "base/spelling.h"
#include "bertune/error.h"
#include "formats/huggingface/folder.h"
#include "formats/model_files.h"
#include "formats/pytorch/format.h"
#include "hub/aliases.h"
#include "hub/cache.h"
#include "hub/names.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> local_path(const std::string& name) {
  std::error_code ignored;
  const fs::path path = name;
  if (!fs::exists(path, ignored)) return {};
  const std::string file = path.filename().string();
  // The weights file of a model folder stands for the folder, because alone it is not a model.
  if (file == kWeightsName || file == kShardIndexName || file == kPyTorchWeightsName ||
      file == kPyTorchShardIndexName)
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
  return path;
}

// Whether the user probably means a path.
bool looks_like_path(const std::string& name) {
  return name.starts_with("/") || name.starts_with(".") || name.starts_with("~") ||
         (name.find('/') != name.npos && !is_hub_id(name));
}

fs::path alias_target(const Alias& alias, const fs::path& file) {
  std::error_code ignored;
  if (fs::exists(alias.folder, ignored)) return alias.folder;
  throw Error(ErrorKind::kSystem,
              fmt::format("'{}' is an alias of '{}', which does not exist", alias.name,
                          alias.folder.string()),
              fmt::format("correct its line in '{}'", file.string()));
}

[[noreturn]] void fail_without_folder(const NamedModel& model, const HubSettings& settings) {
  throw Error(ErrorKind::kSystem,
              fmt::format("'{}' is a {}, for which no public folder with safetensors is known",
                          model.name, model.meaning),
              fmt::format("fine-tune one or use a folder that you have, and add this line to '{}': "
                          "{} = /path/of/the/folder",
                          settings.aliases.string(), model.name));
}

[[noreturn]] void fail_unknown(const std::string& name, const std::vector<Alias>& aliases) {
  std::vector<std::string> names;
  for (const Alias& alias : aliases) names.push_back(alias.name);
  for (const NamedModel& model : named_models()) names.emplace_back(model.name);
  const std::string nearest = nearest_name(name, names);
  const bool is_near = 2 * edit_distance(name, nearest) <= nearest.size();
  throw Error(ErrorKind::kUsage,
              fmt::format("there is no model '{}': neither a folder nor a known name", name),
              fmt::format("{}known names are {}; a folder or a hub id ORG/NAME is accepted too",
                          is_near ? fmt::format("did you mean {}? ", nearest) : "",
                          fmt::join(names, ", ")));
}

// A cache folder that lacks a file was made by hand, because downloads become visible only when
// complete.
fs::path checked(const fs::path& folder) {
  try {
    find_model_files(folder);
  } catch (const Error& error) {
    throw error.with_hint("; or remove the folder to download it again");
  }
  return folder;
}

fs::path from_hub(const std::string& name, const std::string& id, const HubSettings& settings,
                  const FetchSink& sink) {
  const fs::path folder = cached_folder(settings, id);
  if (is_cached(settings, id)) return checked(folder);
  if (!settings.offline) return fetch_model(id, settings, sink);
  throw Error(ErrorKind::kSystem,
              fmt::format("{} is not in the cache, and HF_HUB_OFFLINE is set",
                          name == id ? "'" + id + "'" : fmt::format("'{}' ({})", name, id)),
              fmt::format("unset HF_HUB_OFFLINE, or put config.json, model.safetensors and "
                          "vocab.txt of this model into '{}' yourself",
                          folder.string()));
}

}  // namespace

fs::path resolve_model(const std::string& name, const HubSettings& settings,
                       const FetchSink& sink) {
  if (const std::optional<fs::path> path = local_path(name)) return *path;
  if (name.empty() || looks_like_path(name)) {
    throw Error(
        ErrorKind::kSystem, fmt::format("there is no folder or file '{}'", name),
        "check the spelling of the path; `bertune models` lists names that can be given instead");
  }
  const std::string plain = without_family(name);
  const std::vector<Alias> aliases = read_aliases(settings.aliases);
  const auto alias = std::find_if(aliases.begin(), aliases.end(),
                                  [&](const Alias& other) { return other.name == plain; });
  if (alias != aliases.end()) return alias_target(*alias, settings.aliases);
  if (const NamedModel* const model = find_named_model(plain)) {
    if (model->hub_id.empty()) fail_without_folder(*model, settings);
    return from_hub(name, std::string(model->hub_id), settings, sink);
  }
  if (!is_hub_id(plain)) fail_unknown(name, aliases);
  try {
    return from_hub(plain, plain, settings, sink);
  } catch (const Error& error) {  // a misspelt folder path can look like a hub id
    throw Error(error.kind(),
                fmt::format("there is no folder '{}' here, and {}", name, error.message()),
                error.hint());
  }
}

fs::path resolve_model(const std::string& name, const FetchSink& sink) {
  if (const std::optional<fs::path> path = local_path(name)) return *path;
  if (name.empty() || looks_like_path(name)) return resolve_model(name, HubSettings{}, sink);
  return resolve_model(name, hub_settings(), sink);
}

}  // namespace bertune
