// SPDX-License-Identifier: Apache-2.0
#include "formats/mindspore/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "base/io.h"
#include "base/json.h"
#include "base/json_file.h"
#include "base/log.h"
#include "bertune/error.h"
#include "formats/huggingface/config.h"
#include "formats/huggingface/folder.h"
#include "formats/mindspore/yaml_settings.h"
#include "model/family.h"
#include "model/heads/heads.h"

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
  int64_t BertConfig::*size;
};
constexpr SizeName kSizeNames[] = {
    {"embedding_size", &BertConfig::hidden_size},
    {"num_layers", &BertConfig::num_hidden_layers},
    {"num_heads", &BertConfig::num_attention_heads},
};

// transformers' name of a size.
const char* our_name(int64_t BertConfig::*size) { return key_of(bert_family(), size); }

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

void rename_sizes(const JsonFile& file, json& root) {
  for (const auto& [theirs, size] : kSizeNames) {
    if (root.contains(theirs) && !root.contains(our_name(size)))
      root[our_name(size)] = root[theirs];
  }
  for (const auto& [theirs, size] : kSizeNames) {
    if (!root.contains(our_name(size))) {
      file.fail(fmt::format("there is no \"{}\"", our_name(size)),
                "give the config of this checkpoint");
    }
  }
}

// MindSpore's BERT has no size of its own for the inner width of a layer.
int64_t intermediate_size(const JsonFile& file) {
  const int64_t ratio = file.integer("expand_ratio", 4);
  const int64_t width = file.integer(our_name(&BertConfig::hidden_size), 0);
  int64_t intermediate = 0;
  if (__builtin_mul_overflow(ratio, width, &intermediate)) file.fail("its sizes are too large");
  return intermediate;
}

// The same settings under transformers' names.
JsonFile with_our_names(const JsonFile& file) {
  refuse_other_forms(file);
  json root = file.root();
  rename_sizes(file, root);
  add_labels(file, root);
  const char* const intermediate = our_name(&BertConfig::intermediate_size);
  if (!root.contains(intermediate))
    root[intermediate] = intermediate_size(JsonFile(file.path(), root));
  return {file.path(), std::move(root)};
}

// MindSpore computes what is in `config` now, whatever the file says.
void log_what_counts(const JsonFile& file, const BertConfig& config) {
  if (!file.root().contains("layer_norm_eps")) return;
  log_info(
      "{} says layer_norm_eps {} and hidden_act {}; a MindSpore BERT computes with {} and GELU by "
      "tanh, which are taken",
      file.path().string(), config.layer_norm_eps,
      file.string(bert_family().keys.activation, "gelu"), kEpsilon);
}

}  // namespace

fs::path find_mindspore_config(const fs::path& checkpoint) {
  const fs::path folder = checkpoint.has_parent_path() ? checkpoint.parent_path() : fs::path(".");
  if (is_file(folder / kConfigName)) return folder / kConfigName;
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

BertConfig read_mindspore_config(const fs::path& path) {
  const JsonFile file = is_yaml(path) ? read_yaml_settings(path) : JsonFile(path);
  BertConfig config = parse_config(with_our_names(file));
  // MindSpore classifies texts with this class.
  if (config.architecture == "BertForMultipleChoice")
    config.architecture = architecture_of(HeadKind::kSequenceClassification);
  if (file.string(kExportKey, "") == "mindspore" || is_mindspore_bert(config)) return config;
  log_what_counts(file, config);
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
