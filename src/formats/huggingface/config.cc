// SPDX-License-Identifier: Apache-2.0
#include "formats/huggingface/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/json.h"
#include "model/family.h"
#include "model/heads/heads.h"

namespace bertune {
namespace {

using nlohmann::json;

// transformers' names of the functions. The first name of a function is written to new configs.
// Clipped and leaky variants are different functions and not supported.
struct ActivationName {
  const char* name;
  Activation activation;
};
constexpr ActivationName kActivations[] = {
    {"gelu", Activation::kGelu},
    {"gelu_python", Activation::kGelu},
    {"gelu_new", Activation::kGeluTanh},
    {"gelu_pytorch_tanh", Activation::kGeluTanh},
    {"gelu_python_tanh", Activation::kGeluTanh},
    {"gelu_fast", Activation::kGeluTanh},
    {"gelu_accurate", Activation::kGeluTanh},
    {"relu", Activation::kRelu},
    {"silu", Activation::kSilu},
    {"swish", Activation::kSilu},
    {"quick_gelu", Activation::kQuickGelu},
    {"mish", Activation::kMish},
    {"tanh", Activation::kTanh},
};

// What to use instead of a relative that computes differently.
std::string other_model_hint(const std::string& type) {
  struct Instead {
    const char* type;
    const char* model;
  };
  constexpr Instead kInstead[] = {
      {"roberta", "bert-base-cased; RoBERTa has another tokenizer and other positions"},
      {"xlm-roberta", "bert-base-multilingual-cased; XLM-R has another tokenizer"},
      {"albert", "bert-base-uncased or distilbert-base-uncased; ALBERT's layers share weights"},
      {"deberta", "google/electra-base-discriminator; DeBERTa has relative positions"},
      {"deberta-v2", "google/electra-base-discriminator; DeBERTa has relative positions"},
  };
  for (const Instead& entry : kInstead) {
    if (type == entry.type) return fmt::format("use {}", entry.model);
  }
  return "use a BERT, a DistilBERT or an ELECTRA discriminator";
}

const Family& read_family(const JsonFile& file) {
  const std::string type = file.string("model_type", bert_family().model_type);
  if (const Family* family = find_family(type)) return *family;
  std::string known;
  for (const Family* family : families())
    known += fmt::format("{}\"{}\"", known.empty() ? "" : ", ", family->model_type);
  file.fail(fmt::format("model_type is \"{}\", but only {} is supported", excerpt(type), known),
            other_model_hint(type));
}

void refuse_quantised(const JsonFile& file) {
  const auto quantised = file.root().find("quantization_config");
  if (quantised == file.root().end() || quantised->is_null()) return;
  std::string method = "unknown";
  if (quantised->is_object() && quantised->contains("quant_method") &&
      quantised->at("quant_method").is_string())
    method = excerpt(quantised->at("quant_method").get<std::string>());
  file.fail(
      fmt::format("\"quantization_config\" marks quantised weights (method {}), which are not "
                  "supported",
                  method),
      "use the model it was made from, or store it without quantisation where transformers "
      "runs: AutoModel.from_pretrained('FOLDER').dequantize().save_pretrained('NEW_FOLDER')");
}

void refuse_other_forms(const JsonFile& file) {
  const std::string positions = file.string("position_embedding_type", "absolute");
  if (positions != "absolute") {
    file.fail(fmt::format("position_embedding_type is \"{}\", but only \"absolute\" is supported",
                          excerpt(positions)),
              "use a BERT with absolute positions, such as bert-base-uncased; this model's weights "
              "work only with its own position type");
  }
  for (const char* key : {"is_decoder", "add_cross_attention"}) {
    if (file.boolean(key, false))
      file.fail(fmt::format("\"{}\" is true, but only encoders are supported", key),
                fmt::format("use an encoder: a decoder's weights need a causal mask. If this model "
                            "is an encoder, set \"{}\" to false",
                            key));
  }
  refuse_quantised(file);
  if (file.boolean("sinusoidal_pos_embds", false))
    file.fail("\"sinusoidal_pos_embds\" is true, but only learned positions are supported",
              "use a DistilBERT with learned positions, such as distilbert-base-uncased");
  const auto pruned = file.root().find("pruned_heads");
  if (pruned != file.root().end() && !pruned->empty())
    file.fail("\"pruned_heads\" lists pruned attention heads, which is not supported",
              "use the unpruned model; if no head is pruned in the weights, remove the key");
}

Activation find_activation(const JsonFile& file, const char* key, const std::string& name) {
  std::string known;
  for (const ActivationName& entry : kActivations) {
    if (name == entry.name) return entry.activation;
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  file.fail(fmt::format("{} is \"{}\", which is not supported", key, excerpt(name)),
            "supported values: " + known);
}

void read_activation(const JsonFile& file, const char* key, BertConfig& config) {
  config.hidden_act_name = file.string(key, "gelu");
  config.hidden_act = find_activation(file, key, config.hidden_act_name);
}

std::string activation_name(const BertConfig& config) {
  if (!config.hidden_act_name.empty()) return config.hidden_act_name;
  const auto entry =
      std::ranges::find(kActivations, config.hidden_act, &ActivationName::activation);
  CHECK(entry != std::end(kActivations));
  return entry->name;
}

void read_sizes(const JsonFile& file, const ConfigKeys& keys, BertConfig& config) {
  for (const SizeKey& key : keys.sizes) {
    int64_t& value = config.*key.value;
    value = file.integer(key.name, value);
    if (value < 1 || value > key.max)
      file.fail(fmt::format("\"{}\" is {}, but must be in 1 .. {}", key.name, value, key.max));
  }
  config.pad_token_id = file.integer("pad_token_id", 0);
  if (const auto misfit = find_misfit(config)) file.fail(*misfit);
}

void read_numbers(const JsonFile& file, const ConfigKeys& keys, BertConfig& config) {
  for (const NumberKey& key : keys.numbers) {
    double& value = config.*key.value;
    value = file.number(key.name, value);
    if (!(value >= key.min && value < key.max)) {
      file.fail(
          fmt::format("\"{}\" is {}, but must be in [{}, {})", key.name, value, key.min, key.max));
    }
  }
}

int64_t read_label_id(const JsonFile& file, const std::string& key) {
  int64_t id = -1;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
  if (error != std::errc() || end != key.data() + key.size() || id < 0)
    file.fail(fmt::format("the key \"{}\" of id2label is not an integer >= 0", excerpt(key)));
  return id;
}

bool is_classifier(const BertConfig& config) {
  const std::optional<HeadKind> head = head_of_architecture(config.architecture);
  return head && head_of(*head).labelled;
}

void read_label_count(const JsonFile& file, BertConfig& config) {
  constexpr int64_t kMostLabels = 1 << 20;
  const int64_t count = file.integer("num_labels", is_classifier(config) ? kDefaultLabels : 0);
  if (count < 0 || count > kMostLabels)
    file.fail(fmt::format("\"num_labels\" is {}, but must be in 0 .. {}", count, kMostLabels));
  set_default_labels(count, config);
}

void read_labels(const JsonFile& file, BertConfig& config) {
  const auto labels = file.root().find("id2label");
  if (labels == file.root().end() || labels->is_null()) return read_label_count(file, config);
  if (!labels->is_object()) file.fail("\"id2label\" must be an object");
  for (const auto& [key, label] : labels->items()) {
    if (!label.is_string())
      file.fail(fmt::format("the label of \"{}\" in id2label must be a string", excerpt(key)));
    config.id2label[read_label_id(file, key)] = label.get<std::string>();
  }
}

void read_data_columns(const JsonFile& file, BertConfig& config) {
  const auto columns = file.root().find("data_columns");
  if (columns == file.root().end() || columns->is_null()) return;
  if (!columns->is_object()) file.fail("\"data_columns\" must be an object");
  for (const auto& [option, column] : columns->items()) {
    if (!column.is_string())
      file.fail(fmt::format("\"{}\" in data_columns must be a string", excerpt(option)));
    config.data_columns[option] = column.get<std::string>();
  }
}

std::string read_architecture(const JsonFile& file) {
  const auto names = file.root().find("architectures");
  if (names == file.root().end() || !names->is_array() || names->empty()) return {};
  return names->front().is_string() ? names->front().get<std::string>() : std::string();
}

void read_classifier(const JsonFile& file, const ConfigKeys& keys, BertConfig& config) {
  config.tie_word_embeddings = file.boolean("tie_word_embeddings", true);
  const auto type = file.root().find("problem_type");
  if (type != file.root().end() && !type->is_null()) {
    config.problem_type = file.string("problem_type", "");
  }
  for (const OptionalKey& key : keys.dropouts) {
    const auto dropout = file.root().find(key.name);
    if (dropout == file.root().end() || dropout->is_null()) continue;
    const double value = file.number(key.name, 0.0);
    if (!(value >= 0.0 && value < 1.0))
      file.fail(fmt::format("\"{}\" is {}, but must be in [0, 1)", key.name, value));
    config.*key.value = value;
  }
}

json optional_number(const std::optional<double>& number) {
  return number ? json(*number) : json(nullptr);
}

json without_labels(const BertConfig& config) {
  const Family& family = family_of(config);
  return {{"model_type", family.model_type},
          {"dtype", "float32"},
          {family.keys.activation, activation_name(config)},
          {"pad_token_id", config.pad_token_id},
          {"bos_token_id", nullptr},
          {"eos_token_id", nullptr},
          {"is_decoder", false},
          {"add_cross_attention", false},
          {"tie_word_embeddings", config.tie_word_embeddings},
          {"use_cache", true}};
}

}  // namespace

BertConfig parse_config(const JsonFile& file) {
  const Family& family = read_family(file);
  refuse_other_forms(file);
  BertConfig config = family.defaults();
  read_activation(file, family.keys.activation, config);
  read_sizes(file, family.keys, config);
  read_numbers(file, family.keys, config);
  config.architecture = read_architecture(file);
  read_labels(file, config);
  read_classifier(file, family.keys, config);
  config.text_pairs = file.boolean("text_pairs", false);
  config.word_per_character = file.boolean("word_per_character", false);
  config.empty_answers = file.boolean("empty_answers", false);
  read_data_columns(file, config);
  return config;
}

std::string config_json(const BertConfig& config, const std::string& architecture) {
  const ConfigKeys& keys = family_of(config).keys;
  json root = without_labels(config);
  root["architectures"] = json::array({architecture});
  for (const SizeKey& key : keys.sizes) root[key.name] = config.*key.value;
  for (const NumberKey& key : keys.numbers) root[key.name] = config.*key.value;
  for (const OptionalKey& key : keys.dropouts) root[key.name] = optional_number(config.*key.value);
  if (!config.problem_type.empty()) root["problem_type"] = config.problem_type;
  if (config.text_pairs) root["text_pairs"] = true;
  if (config.word_per_character) root["word_per_character"] = true;
  if (config.empty_answers) root["empty_answers"] = true;
  if (!config.data_columns.empty()) root["data_columns"] = config.data_columns;
  for (const auto& [id, label] : config.id2label) {
    root["id2label"][std::to_string(id)] = label;
    root["label2id"][label] = id;
  }
  return root.dump(2) + "\n";
}

}  // namespace bertune
