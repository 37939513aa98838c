// SPDX-License-Identifier: Apache-2.0
#include "model/family.h"

#include "base/check.h"

namespace bertune {
namespace {

constexpr RenamedEnding kBertRenamed[] = {
    {"LayerNorm.weight", "LayerNorm.gamma"},
    {"LayerNorm.bias", "LayerNorm.beta"},
};

// Upper bounds far above any BERT. Within them, neither the size of a tensor nor the sum of all
// sizes overflows.
constexpr SizeKey kBertSizes[] = {
    {"vocab_size", &BertConfig::vocab_size, int64_t{1} << 24},
    {"hidden_size", &BertConfig::hidden_size, int64_t{1} << 16},
    {"num_hidden_layers", &BertConfig::num_hidden_layers, 1024},
    {"num_attention_heads", &BertConfig::num_attention_heads, int64_t{1} << 16},
    {"intermediate_size", &BertConfig::intermediate_size, int64_t{1} << 18},
    {"max_position_embeddings", &BertConfig::max_position_embeddings, int64_t{1} << 20},
    {"type_vocab_size", &BertConfig::type_vocab_size, int64_t{1} << 10},
};

constexpr NumberKey kBertNumbers[] = {
    {"layer_norm_eps", &BertConfig::layer_norm_eps, 1e-30, 1.0},
    {"hidden_dropout_prob", &BertConfig::hidden_dropout_prob, 0.0, 1.0},
    {"attention_probs_dropout_prob", &BertConfig::attention_probs_dropout_prob, 0.0, 1.0},
    {"initializer_range", &BertConfig::initializer_range, 0.0, 1e3},
};

constexpr Family kBert = {
    .model_type = "bert",
    .tensors = {.prefix = "bert.",
                .word_table = "bert.embeddings.word_embeddings.weight",
                .position_table = "bert.embeddings.position_embeddings.weight",
                .type_table = "bert.embeddings.token_type_embeddings.weight",
                .embedding_norm = "bert.embeddings.LayerNorm",
                .layers = "bert.encoder.layer.",
                .layer = {.query = "attention.self.query",
                          .key = "attention.self.key",
                          .value = "attention.self.value",
                          .attention_output = "attention.output.dense",
                          .attention_norm = "attention.output.LayerNorm",
                          .up = "intermediate.dense",
                          .down = "output.dense",
                          .output_norm = "output.LayerNorm"},
                .pooler = "bert.pooler.dense",
                .renamed = kBertRenamed},
    .keys = {.sizes = kBertSizes, .numbers = kBertNumbers, .activation = "hidden_act"},
};

constexpr const Family* kFamilies[] = {&kBert};

}  // namespace

const Family& bert_family() { return kBert; }

std::span<const Family* const> families() { return kFamilies; }

const Family* find_family(std::string_view model_type) {
  for (const Family* family : kFamilies) {
    if (model_type == family->model_type) return family;
  }
  return nullptr;
}

const Family& family_of(const BertConfig& config) {
  const Family* family = find_family(config.model_type);
  CHECK(family != nullptr);
  return *family;
}

const char* key_of(const Family& family, int64_t BertConfig::*size) {
  for (const SizeKey& key : family.keys.sizes) {
    if (key.value == size) return key.name;
  }
  CHECK(!"a size of the family");
  return nullptr;
}

std::vector<std::string> other_names(const Family& family, const std::string& parameter) {
  const std::string_view prefix = family.tensors.prefix;
  std::vector<std::string> names = {parameter};
  if (parameter.starts_with(prefix)) names.push_back(parameter.substr(prefix.size()));
  for (size_t i = 0, count = names.size(); i < count; ++i) {
    for (const auto& [now, before] : family.tensors.renamed) {
      if (!names[i].ends_with(now)) continue;
      const size_t stem = names[i].size() - std::string_view(now).size();
      names.push_back(names[i].substr(0, stem) + before);
    }
  }
  names.erase(names.begin());
  return names;
}

}  // namespace bertune
