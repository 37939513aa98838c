// SPDX-License-Identifier: Apache-2.0
#include "formats/mindspore/yaml_settings.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/io.h"
#include "bertune/error.h"
#include "text/utf8.h"

namespace bertune {
namespace {

using nlohmann::json;

// A model's settings take some 10 KB. The limit exists because the parser needs many times the
// file's size in memory.
constexpr size_t kMaxBytes = 1 << 20;

// The parser decodes UTF-16 and UTF-32, but accepts incomplete characters.
std::string text_of(const YAML::Node& node) { return replace_invalid_utf8(node.Scalar()); }

json scalar(const YAML::Node& node) {
  const std::string text = text_of(node);
  if (node.Tag() == "!") return text;  // in quotes
  long long integer = 0;
  double number = 0;
  bool boolean = false;
  if (YAML::convert<long long>::decode(node, integer)) return integer;
  if (YAML::convert<double>::decode(node, number)) return number;
  if (YAML::convert<bool>::decode(node, boolean)) return boolean;
  return text;
}

// Only one level is read, because aliases nested a few levels deep can expand to more than any
// memory holds.
json scalars_of(const YAML::Node& map) {
  json object = json::object();
  for (const auto& entry : map) {
    if (!entry.first.IsScalar()) continue;
    if (entry.second.IsScalar()) object[text_of(entry.first)] = scalar(entry.second);
  }
  return object;
}

// The map under a key; undefined if there is none.
YAML::Node map_in(const YAML::Node& node, const char* key) {
  if (!node.IsDefined() || !node.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
  const YAML::Node found = node[key];
  return found.IsDefined() && found.IsMap() ? found : YAML::Node(YAML::NodeType::Undefined);
}

json settings_in(const YAML::Node& root) {
  const YAML::Node model = map_in(root, "model");
  YAML::Node config = map_in(model, "model_config");
  if (!config.IsDefined()) config.reset(map_in(root, "model_config"));
  json settings = scalars_of(config.IsDefined() ? config : root);
  const YAML::Node arch = map_in(model, "arch");
  if (arch.IsDefined() && arch["type"].IsDefined() && arch["type"].IsScalar())
    settings["architectures"] = json::array({text_of(arch["type"])});
  return settings;
}

}  // namespace

JsonFile read_yaml_settings(const std::filesystem::path& path) {
  const MappedFile file(path);
  const auto fail = [&](const std::string& what) {
    throw Error(
        ErrorKind::kInput, fmt::format("'{}': {}", path.string(), what),
        "use the YAML file of the MindSpore checkpoint, which has the sizes in model_config");
  };
  if (file.size() > kMaxBytes)
    fail(fmt::format("{} bytes are too many for a settings file", file.size()));
  try {
    const YAML::Node root = YAML::Load(std::string(file.text()));
    if (!root.IsMap()) fail("it contains no settings");
    return JsonFile(path, settings_in(root));
  } catch (const YAML::Exception& error) {
    fail(fmt::format("not valid YAML: {}", replace_invalid_utf8(error.what())));
    throw;  // not reached
  }
}

}  // namespace bertune
