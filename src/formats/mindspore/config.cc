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

// The mark of a config.json written by our own export, whose epsilon and activation are the model's
// own.
constexpr const char* kExportKey = "bertune_export";

// MindSpore's names of the sizes, in the order of its versions.
struct SizeName {
  const char* theirs;
  int64_t BertConfig::*size;
};
constexpr SizeName kSizeNames[] = {
    {"embedding_size", &BertConfig::hidden_size},
    {"num_layers", &BertConfig::num_hidden_layers},
    {"num_heads", &BertConfig::num_attention_heads},
};

// The name of a size in transformers.
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
    file.fail("\"use_relative_positions\" is true, but only absolute positions are supported");
  if (!file.boolean("post_layernorm_residual", true)) {
    file.fail(
        "\"post_layernorm_residual\" is false, but only BERT's own order, LayerNorm after the "
        "residual, is supported");
  }
  if (file.boolean("use_moe", false)) file.fail("\"use_moe\" is true, which is not supported");
  const std::string type = file.string("type", "BertConfig");
  if (type != "BertConfig") {
    file.fail(fmt::format("its type is {}, but only BertConfig is supported", excerpt(type)),
              "use a checkpoint of MindSpore's BERT");
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
      file.fail(fmt::format("\"{}\" is missing", our_name(size)),
                "use the config that belongs to this checkpoint");
    }
  }
}

// MindSpore's BERT config has no key for a layer's intermediate size.
int64_t intermediate_size(const JsonFile& file) {
  const int64_t ratio = file.integer("expand_ratio", 4);
  const int64_t width = file.integer(our_name(&BertConfig::hidden_size), 0);
  int64_t intermediate = 0;
  if (__builtin_mul_overflow(ratio, width, &intermediate)) file.fail("its sizes are too large");
  return intermediate;
}

// Returns the same settings under transformers' names.
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

bool is_gelu(const BertConfig& config) {
  return config.hidden_act == Activation::kGelu || config.hidden_act == Activation::kGeluTanh;
}

// Logs the epsilon and activation that are used, because they may differ from those in the file.
void log_what_counts(const JsonFile& file, const BertConfig& config) {
  if (!file.root().contains("layer_norm_eps")) return;
  log_info(
      "{} specifies layer_norm_eps {} and hidden_act {}, but MindSpore's BERT computes with "
      "epsilon {} and tanh GELU; using MindSpore's values",
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
                fmt::format("no config found next to '{}'", checkpoint.string()),
                "put the config.json or the YAML file of this checkpoint into its folder");
  }
  throw Error(ErrorKind::kUsage,
              fmt::format("found {} YAML files next to '{}'", files.size(), checkpoint.string()),
              fmt::format("rename the one that belongs to it to '{}'",
                          fs::path(checkpoint.filename()).replace_extension(".yaml").string()));
}

BertConfig read_mindspore_config(const fs::path& path) {
  const JsonFile file = is_yaml(path) ? read_yaml_settings(path) : JsonFile(path);
  BertConfig config = parse_config(with_our_names(file));
  if (config.model_type != bert_family().model_type) {
    file.fail(fmt::format("model_type is \"{}\", but MindSpore checkpoints hold BERTs only",
                          excerpt(config.model_type)));
  }
  if (!is_gelu(config)) {
    file.fail(fmt::format("hidden_act is \"{}\", but only GELU is supported in this format",
                          excerpt(config.hidden_act_name)));
  }
  // The MindSpore class for text classification.
  if (config.architecture == "BertForMultipleChoice")
    config.architecture = architecture_of(HeadKind::kSequenceClassification);
  if (file.string(kExportKey, "") == "mindspore" || is_mindspore_bert(config)) return config;
  log_what_counts(file, config);
  config.layer_norm_eps = kEpsilon;
  config.hidden_act = kActivation;
  config.hidden_act_name.clear();
  return config;
}

bool has_own_decoder(const BertConfig& config) {
  const std::optional<HeadKind> head = head_of_architecture(config.architecture);
  const bool masked_words = head && head_of(*head).logits_of == LogitsOf::kMaskedTokens;
  return masked_words && !config.tie_word_embeddings;
}

void require_mindspore_model(const BertConfig& config) {
  if (config.model_type != bert_family().model_type) {
    throw Error(
        ErrorKind::kInput,
        fmt::format(
            "a model of type {} cannot be exported to MindSpore, whose format holds BERTs only",
            config.model_type),
        "export it to another format, such as safetensors or onnx");
  }
  if (has_own_decoder(config)) {
    throw Error(ErrorKind::kInput,
                "MindSpore's BERT ties the decoder to the word embeddings, but this model does not",
                "export it to another format, such as safetensors or onnx");
  }
  if (is_gelu(config)) return;
  throw Error(ErrorKind::kInput,
              fmt::format("MindSpore's BERT computes with GELU, but this model's activation is {}",
                          config.hidden_act_name),
              "export it to another format, such as safetensors or onnx");
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
