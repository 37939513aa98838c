// SPDX-License-Identifier: Apache-2.0
#include "model/params.h"

#include <fmt/format.h>

#include "base/check.h"
#include "model/heads/heads.h"

namespace bertune {
namespace {

void list_embeddings(const BertConfig& config, Layout& layout, BertParams& params) {
  const TensorNames& names = family_of(config).tensors;
  const int64_t width = config.embedding_width();
  layout.add(names.word_table, {config.vocab_size, width}, Role::kWordTable, params.word);
  layout.add(names.position_table, {config.max_position_embeddings, width}, Role::kTable,
             params.position);
  if (names.type_table != nullptr)
    layout.add(names.type_table, {config.type_vocab_size, width}, Role::kTable, params.type);
  layout.add_norm(names.embedding_norm, width, params.embedding_norm);
  if (width != config.hidden_size) {
    CHECK(names.projection != nullptr);
    layout.add_linear(names.projection, config.hidden_size, width, params.projection);
  }
}

void list_layer(const BertConfig& config, const std::string& prefix, Layout& layout,
                LayerParams& layer) {
  const LayerNames& names = family_of(config).tensors.layer;
  const int64_t width = config.hidden_size;
  const char* const parts[] = {names.query, names.key, names.value};
  for (const char* part : parts)
    layout.add(prefix + part + ".weight", {width, width}, Role::kWeight, layer.qkv.weight);
  for (const char* part : parts)
    layout.add(prefix + part + ".bias", {width}, Role::kBias, layer.qkv.bias);
  layout.add_linear(prefix + names.attention_output, width, width, layer.output);
  layout.add_norm(prefix + names.attention_norm, width, layer.attention_norm);
  layout.add_linear(prefix + names.up, config.intermediate_size, width, layer.up);
  layout.add_linear(prefix + names.down, width, config.intermediate_size, layer.down);
  layout.add_norm(prefix + names.output_norm, width, layer.output_norm);
}

void list_all(const BertConfig& config, HeadKind head, Layout& layout, BertParams& params) {
  list_embeddings(config, layout, params);
  const char* layers = family_of(config).tensors.layers;
  params.layers.resize(static_cast<size_t>(config.num_hidden_layers));
  for (size_t i = 0; i < params.layers.size(); ++i)
    list_layer(config, fmt::format("{}{}.", layers, i), layout, params.layers[i]);
  head_of(head).list(config, layout, params);
  layout.finish();
}

}  // namespace

ParameterList list_parameters(const BertConfig& config, HeadKind head, Matrices matrices) {
  ParameterList list{.parameters = {}, .matrices = {}, .head = head};
  BertParams unused;
  Layout layout(family_of(config), matrices, list, {});
  list_all(config, head, layout, unused);
  return list;
}

BertParams view_parameters(const BertConfig& config, HeadKind head, Tensor flat,
                           Matrices matrices) {
  ParameterList list;
  BertParams views;
  Layout layout(family_of(config), matrices, list, flat);
  list_all(config, head, layout, views);
  CHECK(flat && flat.rows == 1 && flat.cols == list.size);
  return views;
}

}  // namespace bertune
