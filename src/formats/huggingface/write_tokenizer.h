// SPDX-License-Identifier: Apache-2.0
// Writes the two JSON files from which other programs create the same tokenizer. tokenizer.json
// describes it completely, and transformers takes the casing from tokenizer_config.json. Reading
// them is in text/.
#pragma once

#include <string>
#include <vector>

#include "bertune/tokenizer.h"
#include "model/config.h"

namespace bertune {

// The text of tokenizer.json as Hugging Face's `tokenizers` writes it for BERT. Throws
// Error{kInput} when a vocabulary entry is not UTF-8, or when [PAD], [UNK], [CLS], [SEP] or [MASK]
// is not in the vocabulary.
std::string tokenizer_json(const std::vector<std::string>& vocabulary,
                           const Normalization& normalization);

// The text of tokenizer_config.json as transformers 5 reads it. model_max_length is the number of
// positions.
std::string tokenizer_config_json(const BertConfig& config, const Normalization& normalization);

}  // namespace bertune
