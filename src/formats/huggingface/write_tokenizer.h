// SPDX-License-Identifier: Apache-2.0
// The two JSON files from which other programs make the same tokenizer: tokenizer.json holds all of
// it, tokenizer_config.json is where transformers takes the casing from. They are read in text/.
#pragma once

#include <string>
#include <vector>

#include "bertune/tokenizer.h"
#include "model/config.h"

namespace bertune {

// As PyPI's `tokenizers` writes it for BERT. Throws Error{kInput}: a piece that is not UTF-8, or
// [PAD], [UNK], [CLS], [SEP] or [MASK] is not in the vocabulary.
std::string tokenizer_json(const std::vector<std::string>& vocabulary,
                           const Normalization& normalization);

// As transformers 5 reads it; model_max_length is the number of positions.
std::string tokenizer_config_json(const BertConfig& config, const Normalization& normalization);

}  // namespace bertune
