// SPDX-License-Identifier: Apache-2.0
// Writes a Hugging Face model folder: config.json, model.safetensors, vocab.txt, tokenizer.json and
// tokenizer_config.json, which transformers loads without conversion. The consistency of the parts
// is checked here. Reading is in config.h, ../weights.h and bertune/tokenizer.h.
#pragma once

#include <filesystem>
#include <vector>

#include "formats/model_format.h"

namespace bertune {

inline constexpr const char* kConfigName = "config.json";
inline constexpr const char* kWeightsName = "model.safetensors";
inline constexpr const char* kShardIndexName = "model.safetensors.index.json";
inline constexpr const char* kAdapterConfigName = "adapter_config.json";
inline constexpr const char* kVocabularyName = "vocab.txt";
inline constexpr const char* kTokenizerName = "tokenizer.json";
inline constexpr const char* kTokenizerConfigName = "tokenizer_config.json";

// The weight files of a folder: model.safetensors, else the shards listed in its index, else none.
// Throws Error{kSystem, kInput} for a damaged index.
std::vector<std::filesystem::path> find_safetensors(const std::filesystem::path& folder);

// The same for weights with other names: the file `name`, else the shards listed in `index`, else
// none.
std::vector<std::filesystem::path> find_weight_files(const std::filesystem::path& folder,
                                                     const char* name, const char* index);

// The word table may be padded: fewer than this many rows, and at most a tenth of them, may have no
// entry in the vocabulary. More missing entries mean a vocabulary of another model.
inline constexpr int64_t kMostPaddedRows = 1024;

// Throws Error{kInput} unless the vocabulary of `folder`, with `pieces` entries, fits
// config.vocab_size. Logs the rows of the word table that have no entry.
void require_vocabulary_size(const BertConfig& config, size_t pieces,
                             const std::filesystem::path& folder);

// Writes the five files into `folder`, which must exist and be empty. Not atomic; wrap it in
// write_folder_atomic to get a folder that appears completely or not at all. Throws Error{kSystem,
// kInput}.
void write_model_folder(const std::filesystem::path& folder, const ModelContents& contents);

// Writes only vocab.txt, tokenizer.json and tokenizer_config.json.
void write_tokenizer_files(const std::filesystem::path& folder, const ModelContents& contents);

}  // namespace bertune
