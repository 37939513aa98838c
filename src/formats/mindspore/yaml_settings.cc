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

// A model's has some 10 KB; the parser takes many times the bytes that it reads.
constexpr size_t kMaxBytes = 1 << 20;

// The parser takes UTF-16 and UTF-32 for what they are, and half a character for one.
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

// One level only: an alias stands for its anchor, and a few nested ones for more than any memory.
json scalars_of(const YAML::Node& map) {
  json object = json::object();
  for (const auto& entry : map) {
    if (!entry.first.IsScalar()) continue;
    if (entry.second.IsScalar()) object[text_of(entry.first)] = scalar(entry.second);
  }
  return object;
}

// The map under a key; undefined: there is none.
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
    throw Error(ErrorKind::kInput, fmt::format("'{}': {}", path.string(), what),
                "the YAML that comes with a MindSpore checkpoint has model_config with the sizes");
  };
  if (file.size() > kMaxBytes) fail(fmt::format("{} bytes are too many for settings", file.size()));
  try {
    const YAML::Node root = YAML::Load(std::string(file.text()));
    if (!root.IsMap()) fail("there are no settings in it");
    return JsonFile(path, settings_in(root));
  } catch (const YAML::Exception& error) {
    fail(fmt::format("not valid YAML: {}", replace_invalid_utf8(error.what())));
    throw;  // not reached
  }
}

}  // namespace bertune
