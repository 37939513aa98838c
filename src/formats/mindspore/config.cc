// SPDX-License-Identifier: Apache-2.0
#include "formats/mindspore/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "base/json.h"
#include "base/json_file.h"
#include "base/log.h"
#include "bertune/error.h"
#include "formats/mindspore/yaml_settings.h"
#include "formats/model_paths.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr double kEpsilon = 1e-5;
constexpr Activation kActivation = Activation::kGeluTanh;

// In a config.json that our export wrote: its epsilon and activation are the model's own.
constexpr const char* kExportKey = "bertune_export";

// What MindSpore calls the sizes, in the order of its versions.
struct SizeName {
  const char* theirs;
  const char* ours;
};
constexpr SizeName kSizeNames[] = {
    {"embedding_size", "hidden_size"},
    {"num_layers", "num_hidden_layers"},
    {"num_heads", "num_attention_heads"},
};

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_yaml(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

std::vector<fs::path> yaml_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) {
    if (is_yaml(i->path()) && is_file(i->path())) files.push_back(i->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void refuse_other_forms(const JsonFile& file) {
  if (file.boolean("use_relative_positions", false))
    file.fail("\"use_relative_positions\" is true, and only absolute positions are supported");
  if (!file.boolean("post_layernorm_residual", true)) {
    file.fail(
        "\"post_layernorm_residual\" is false, and only BERT's own order, LayerNorm after the "
        "residual, is supported");
  }
  if (file.boolean("use_moe", false)) file.fail("\"use_moe\" is true, which is not supported");
  const std::string type = file.string("type", "BertConfig");
  if (type != "BertConfig") {
    file.fail(fmt::format("it is a {}, and only BertConfig is supported", excerpt(type)),
              "choose a checkpoint of MindSpore's BERT");
  }
}

void add_labels(const JsonFile& file, json& root) {
  const int64_t labels = file.integer("num_labels", 0);
  if (root.contains("id2label") || labels < 2) return;
  constexpr int64_t kMaxLabels = 1 << 12;
  if (labels > kMaxLabels) file.fail(fmt::format("\"num_labels\" is {}", labels));
  for (int64_t i = 0; i < labels; ++i)
    root["id2label"][std::to_string(i)] = fmt::format("LABEL_{}", i);
}

// The same settings under transformers' names.
JsonFile with_our_names(const JsonFile& file) {
  refuse_other_forms(file);
  json root = file.root();
  for (const SizeName& name : kSizeNames) {
    if (root.contains(name.theirs) && !root.contains(name.ours))
      root[name.ours] = root[name.theirs];
  }
  for (const SizeName& name : kSizeNames) {
    if (!root.contains(name.ours))
      file.fail(fmt::format("there is no \"{}\"", name.ours), "give the config of this checkpoint");
  }
  add_labels(file, root);
  JsonFile renamed(file.path(), std::move(root));
  if (file.root().contains("intermediate_size")) return renamed;
  // MindSpore's BERT has no size of its own for this.
  const int64_t ratio = file.integer("expand_ratio", 4);
  const int64_t width = renamed.integer("hidden_size", 0);
  int64_t intermediate = 0;
  if (__builtin_mul_overflow(ratio, width, &intermediate)) file.fail("its sizes are too large");
  root = renamed.root();
  root["intermediate_size"] = intermediate;
  return {file.path(), std::move(root)};
}

}  // namespace

fs::path find_mindspore_config(const fs::path& checkpoint) {
  const fs::path folder = folder_of_model(checkpoint);
  if (is_file(folder / "config.json")) return folder / "config.json";
  for (const char* extension : {".yaml", ".yml"}) {
    const fs::path twin = fs::path(checkpoint).replace_extension(extension);
    if (is_file(twin)) return twin;
  }
  const std::vector<fs::path> files = yaml_files(folder);
  if (files.size() == 1) return files.front();
  if (files.empty()) {
    throw Error(ErrorKind::kSystem,
                fmt::format("there is no config beside '{}'", checkpoint.string()),
                "put the config.json or the YAML of this checkpoint into its folder");
  }
  throw Error(ErrorKind::kUsage,
              fmt::format("there are {} YAML files beside '{}'", files.size(), checkpoint.string()),
              fmt::format("give the one that belongs to it the name '{}'",
                          fs::path(checkpoint.filename()).replace_extension(".yaml").string()));
}

BertConfig read_mindspore_config(const fs::path& checkpoint) {
  const fs::path path = find_mindspore_config(checkpoint);
  const JsonFile file = is_yaml(path) ? read_yaml_settings(path) : JsonFile(path);
  BertConfig config = parse_config(with_our_names(file));
  // MindSpore classifies texts with this class.
  if (config.architecture == "BertForMultipleChoice")
    config.architecture = "BertForSequenceClassification";
  if (file.string(kExportKey, "") == "mindspore" || is_mindspore_bert(config)) return config;
  if (file.root().contains("layer_norm_eps")) {
    log_info(
        "{} says layer_norm_eps {} and hidden_act {}; a MindSpore BERT computes with {} and GELU "
        "by "
        "tanh, which are taken",
        path.string(), config.layer_norm_eps, file.string("hidden_act", "gelu"), kEpsilon);
  }
  config.layer_norm_eps = kEpsilon;
  config.hidden_act = kActivation;
  return config;
}

std::string mindspore_config_json(const BertConfig& config, const std::string& architecture) {
  json root = json::parse(config_json(config, architecture));
  root[kExportKey] = "mindspore";
  return root.dump(2) + "\n";
}

bool is_mindspore_bert(const BertConfig& config) {
  return config.layer_norm_eps == kEpsilon && config.hidden_act == kActivation;
}

}  // namespace bertune
