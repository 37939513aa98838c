// SPDX-License-Identifier: Apache-2.0
// What differs between BERT and its relatives: the names of tensors and config keys in the files of
// transformers, and which embeddings there are. These names are spelled here only; a format that
// has others maps them in a table of its own. A relative of BERT is one more entry in family.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/config.h"

namespace bertune {

// The linear maps and LayerNorms of a layer; ".weight" or ".bias" follows.
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

// The end of a tensor's name, and what older files have instead.
struct RenamedEnding {
  const char* now;
  const char* before;
};

struct TensorNames {
  const char* prefix;  // of the encoder; a file of the encoder alone leaves it out
  const char* word_table;
  const char* position_table;
  const char* type_table;  // null: the family has no token types
  const char* embedding_norm;
  const char* layers;  // the index of the layer, a dot and one of LayerNames follow
  LayerNames layer;
  const char* pooler;
  std::span<const RenamedEnding> renamed;
};

// A size or number of the config and the values that it may have.
struct SizeKey {
  const char* name;
  int64_t BertConfig::*value;
  int64_t max;  // from 1 to this
};
struct NumberKey {
  const char* name;
  double BertConfig::*value;
  double min, max;  // in [min, max)
};

struct ConfigKeys {
  std::span<const SizeKey> sizes;
  std::span<const NumberKey> numbers;
  const char* activation;
};

struct Family {
  const char* model_type;  // in config.json
  TensorNames tensors;
  ConfigKeys keys;
};

const Family& bert_family();

std::span<const Family* const> families();
const Family* find_family(std::string_view model_type);  // null: none of ours
const Family& family_of(const BertConfig& config);

// The key of a size of the config.
const char* key_of(const Family& family, int64_t BertConfig::*size);

// The names that files may have for a parameter instead of its own, the likeliest first.
std::vector<std::string> other_names(const Family& family, const std::string& parameter);

}  // namespace bertune
