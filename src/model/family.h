// SPDX-License-Identifier: Apache-2.0
// The differences between BERT and its relatives: the names of tensors and config keys in
// transformers' files, and which embeddings exist. These names are spelled only here; a format with
// other names maps them in its own table. A relative of BERT is one more entry in family.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/config.h"

namespace bertune {

// The linear maps and LayerNorms of a layer, without the suffix ".weight" or ".bias".
struct LayerNames {
  const char* query;
  const char* key;
  const char* value;
  const char* attention_output;
  const char* attention_norm;
  const char* up;
  const char* down;
  const char* output_norm;
};

// The suffix of a tensor's name, and the suffix that older files have instead.
struct RenamedEnding {
  const char* now;
  const char* before;
};

struct TensorNames {
  const char* prefix;  // of the encoder; omitted in files of the encoder alone
  const char* word_table;
  const char* position_table;
  const char* type_table;  // null: the family has no token types
  const char* embedding_norm;
  const char*
      projection;      // from embedding_size to hidden_size where they differ; null: they are equal
  const char* layers;  // followed by the layer's index, a dot and one of LayerNames
  LayerNames layer;
  std::span<const RenamedEnding> renamed;
};

// The tensors of the heads, and where heads differ in what they compute.
struct HeadNames {
  // Sequence classification: the layer before the output, with its activation.
  const char* dense;
  Activation activation;
  bool dropout_before_dense;
  const char* sequence_output;
  // Masked words; null: the family has no such head.
  const char* transform;
  const char* transform_norm;
  const char* decoder;        // its weight is usually the word table
  const char* decoder_bias;   // of a tied decoder
  const char* next_sentence;  // null: the family has no such classifier
};

// A size or number of the config and its permitted values.
struct SizeKey {
  const char* name;
  int64_t BertConfig::*value;
  int64_t max;  // permitted: 1 to max
};
struct NumberKey {
  const char* name;
  double BertConfig::*value;
  double min, max;  // in [min, max)
};

// A number that may be missing or null.
struct OptionalKey {
  const char* name;
  std::optional<double> BertConfig::*value;  // in [0, 1)
};

struct ConfigKeys {
  std::span<const SizeKey> sizes;
  std::span<const NumberKey> numbers;
  std::span<const OptionalKey> dropouts;
  const char* activation;
};

struct Family {
  const char* model_type;       // in config.json
  const char* class_prefix;     // of its classes in transformers: "Bert"
  const char* tokenizer_class;  // in tokenizer_config.json
  bool attention_output_dropout;
  TensorNames tensors;
  HeadNames heads;
  ConfigKeys keys;
  BertConfig (*defaults)();  // transformers' values of missing keys
};

const Family& bert_family();

std::span<const Family* const> families();
const Family* find_family(std::string_view model_type);  // null: not supported
const Family& family_of(const BertConfig& config);

// The config key of a size.
const char* key_of(const Family& family, int64_t BertConfig::*size);

// Other names that a parameter may have in files, the most likely one first.
std::vector<std::string> other_names(const Family& family, const std::string& parameter);

}  // namespace bertune
