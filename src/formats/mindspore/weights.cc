// SPDX-License-Identifier: Apache-2.0
#include "formats/mindspore/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/json.h"
#include "bertune/error.h"
#include "formats/transpose.h"
#include "text/utf8.h"

namespace bertune {
namespace {

// A start of transformers' names and what MindSpore's BERT has for it.
struct NameRule {
  const char* ours;
  const char* theirs;
  bool transposed = false;  // of the weight
};

constexpr NameRule kOutsideOfLayers[] = {
    {"bert.embeddings.word_embeddings.weight", "bert.word_embedding.embedding_table"},
    {"bert.embeddings.position_embeddings.weight",
     "bert.embedding_postprocessor.full_position_embedding.embedding_table"},
    {"bert.embeddings.token_type_embeddings.weight",
     "bert.embedding_postprocessor.token_type_embedding.embedding_table"},
    {"bert.embeddings.LayerNorm.", "bert.embedding_postprocessor.layernorm."},
    {"bert.pooler.dense.", "bert.dense."},
    {"qa_outputs.", "qa_outputs."},
    {"classifier.", "classifier."},
    {"cls.predictions.transform.dense.", "mlmloss.dense."},
    {"cls.predictions.transform.LayerNorm.", "mlmloss.layernorm."},
    {"cls.predictions.bias", "mlmloss.output_bias"},
    {"cls.seq_relationship.", "nsploss.dense."},
};

constexpr const char* kLayers = "bert.encoder.layer.";
constexpr const char* kBlocks = "bert.bert_encoder.encoder.blocks.";
constexpr NameRule kInLayers[] = {
    {"attention.self.query.", "attention.dense1."},
    {"attention.self.key.", "attention.dense2."},
    {"attention.self.value.", "attention.dense3."},
    {"attention.output.dense.", "attention.projection.", true},
    {"attention.output.LayerNorm.", "layernorm2."},
    {"intermediate.dense.", "output.mapping.", true},
    {"output.dense.", "output.projection.", true},
    {"output.LayerNorm.", "layernorm1."},
};

// "weight" and "bias" as they are called there.
std::string last_part(std::string_view part, bool norm) {
  if (!norm) return std::string(part);
  return part == "weight" ? "gamma" : "beta";
}

std::vector<StoredName> apply_rules(std::span<const NameRule> rules, std::string_view name) {
  for (const NameRule& rule : rules) {
    const std::string_view ours = rule.ours;
    if (!name.starts_with(ours)) continue;
    const std::string_view rest = name.substr(ours.size());
    const bool norm = ours.ends_with("LayerNorm.");
    return {{rule.theirs + last_part(rest, norm), rule.transposed && rest == "weight"}};
  }
  return {};
}

std::vector<StoredName> names_in_layer(std::string_view name) {
  name.remove_prefix(std::string_view(kLayers).size());
  const size_t dot = name.find('.');
  if (dot == name.npos) return {};
  std::vector<StoredName> names = apply_rules(kInLayers, name.substr(dot + 1));
  for (StoredName& found : names)
    found.name = fmt::format("{}{}.{}", kBlocks, name.substr(0, dot), found.name);
  return names;
}

}  // namespace

std::vector<StoredName> mindspore_names(const std::string& parameter) {
  if (parameter.starts_with(kLayers)) return names_in_layer(parameter);
  std::vector<StoredName> names = apply_rules(kOutsideOfLayers, parameter);
  // Models of several heads keep this one within the part that is called bert.
  if (!names.empty() && names[0].name.starts_with("mlmloss."))
    names.push_back({"bert." + names[0].name});
  return names;
}

MindSporeWeights::MindSporeWeights(const std::filesystem::path& file) : file_(file) {
  for (const auto& [name, tensor] : file_.tensors())
    shapes_.emplace(name, StoredShape{tensor.shape, file});
}

std::vector<StoredName> MindSporeWeights::names_of(const std::string& parameter) const {
  return mindspore_names(parameter);
}

const StoredShape* MindSporeWeights::find(const std::string& name) const {
  const auto found = shapes_.find(name);
  return found == shapes_.end() ? nullptr : &found->second;
}

void MindSporeWeights::read(const std::string& name, std::span<float> out) const {
  file_.read(name, out);
}

std::string MindSporeWeights::description() const {
  const std::string first = shapes_.empty() ? "none" : shapes_.begin()->first;
  return fmt::format("'{}', which has {} tensors, the first '{}'", file_.path().string(),
                     shapes_.size(), excerpt(replace_invalid_utf8(first)));
}

void write_mindspore_weights(const std::filesystem::path& path, const ParameterList& list,
                             std::span<const float> values) {
  CHECK(values.size() == static_cast<size_t>(list.size));
  MindSporeWriter writer(path);
  std::vector<float> turned;
  for (const Parameter& parameter : list.parameters) {
    const std::vector<StoredName> names = mindspore_names(parameter.name);
    if (names.empty()) {
      throw Error(ErrorKind::kInput,
                  fmt::format("MindSpore's BERT has no parameter like '{}'", parameter.name),
                  "export the model as safetensors instead");
    }
    const auto own = values.subspan(static_cast<size_t>(parameter.offset),
                                    static_cast<size_t>(parameter.size()));
    if (names[0].transposed) {
      turned.resize(own.size());
      transpose(own, parameter.shape[0], parameter.shape[1], turned);
      writer.write(names[0].name, {parameter.shape[1], parameter.shape[0]}, turned);
    } else {
      writer.write(names[0].name, parameter.shape, own);
    }
  }
  writer.close();
}

}  // namespace bertune
