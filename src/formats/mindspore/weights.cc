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
#include "model/family.h"
#include "model/heads/classifier.h"
#include "model/heads/masked_words.h"
#include "model/heads/question_answering.h"
#include "text/utf8.h"

namespace bertune {
namespace {

// A tensor or layer name in transformers and its counterpart in MindSpore's BERT.
struct NameRule {
  const char* ours;
  const char* theirs;
  bool norm = false;        // a LayerNorm
  bool transposed = false;  // its weight is stored transposed
};

std::span<const NameRule> rules_outside_of_layers() {
  static const TensorNames& names = bert_family().tensors;
  static const HeadNames& heads = bert_family().heads;
  static const NameRule kRules[] = {
      {names.word_table, "bert.word_embedding.embedding_table"},
      {names.position_table,
       "bert.embedding_postprocessor.full_position_embedding.embedding_table"},
      {names.type_table, "bert.embedding_postprocessor.token_type_embedding.embedding_table"},
      {names.embedding_norm, "bert.embedding_postprocessor.layernorm", true},
      {heads.dense, "bert.dense"},
      {kQaOutputs, "qa_outputs"},
      {kClassifier, "classifier"},
      {heads.transform, "mlmloss.dense"},
      {heads.transform_norm, "mlmloss.layernorm", true},
      {heads.decoder_bias, "mlmloss.output_bias"},
      {heads.next_sentence, "nsploss.dense"},
  };
  return kRules;
}

constexpr const char* kBlocks = "bert.bert_encoder.encoder.blocks.";

std::span<const NameRule> rules_in_layers() {
  static const LayerNames& names = bert_family().tensors.layer;
  static const NameRule kRules[] = {
      {names.query, "attention.dense1"},
      {names.key, "attention.dense2"},
      {names.value, "attention.dense3"},
      {names.attention_output, "attention.projection", false, true},
      {names.attention_norm, "layernorm2", true},
      {names.up, "output.mapping", false, true},
      {names.down, "output.projection", false, true},
      {names.output_norm, "layernorm1", true},
  };
  return kRules;
}

// MindSpore's names for "weight" and "bias".
std::string last_part(std::string_view part, bool norm) {
  if (!norm) return std::string(part);
  return part == "weight" ? "gamma" : "beta";
}

std::vector<StoredName> apply_rules(std::span<const NameRule> rules, std::string_view name) {
  for (const NameRule& rule : rules) {
    if (!name.starts_with(rule.ours)) continue;
    std::string_view rest = name.substr(std::string_view(rule.ours).size());
    if (rest.empty()) return {{rule.theirs}};
    if (!rest.starts_with('.')) continue;
    rest.remove_prefix(1);
    return {{fmt::format("{}.{}", rule.theirs, last_part(rest, rule.norm)),
             rule.transposed && rest == "weight"}};
  }
  return {};
}

std::vector<StoredName> names_in_layer(std::string_view name) {
  name.remove_prefix(std::string_view(bert_family().tensors.layers).size());
  const size_t dot = name.find('.');
  if (dot == name.npos) return {};
  std::vector<StoredName> names = apply_rules(rules_in_layers(), name.substr(dot + 1));
  for (StoredName& found : names)
    found.name = fmt::format("{}{}.{}", kBlocks, name.substr(0, dot), found.name);
  return names;
}

}  // namespace

std::vector<StoredName> mindspore_names(const std::string& parameter) {
  if (parameter.starts_with(bert_family().tensors.layers)) return names_in_layer(parameter);
  std::vector<StoredName> names = apply_rules(rules_outside_of_layers(), parameter);
  // Models with several heads store this head inside their encoder part, under "bert.".
  if (!names.empty() && names[0].name.starts_with("mlmloss."))
    names.push_back({"bert." + names[0].name});
  return names;
}

MindSporeWeights::MindSporeWeights(const std::filesystem::path& file) : file_(file) {
  for (const auto& [name, tensor] : file_.tensors())
    shapes_.emplace(name, StoredShape{tensor.shape, file});
}

std::vector<StoredName> MindSporeWeights::names_of(const Parameter& parameter) const {
  return mindspore_names(parameter.name);
}

const StoredShape* MindSporeWeights::find(const std::string& name) const {
  const auto found = shapes_.find(name);
  return found == shapes_.end() ? nullptr : &found->second;
}

void MindSporeWeights::read(const std::string& name, size_t first, std::span<float> out) const {
  file_.read(name, first, out);
}

std::string MindSporeWeights::description() const {
  const std::string first = shapes_.empty() ? "none" : shapes_.begin()->first;
  return fmt::format("'{}', which has {} tensors, the first of them '{}'", file_.path().string(),
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
                  "export the model to safetensors instead");
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
