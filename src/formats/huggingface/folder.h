// SPDX-License-Identifier: Apache-2.0
// A Hugging Face model folder: config.json, model.safetensors, vocab.txt, tokenizer.json and
// tokenizer_config.json, written so that transformers loads model and tokenizer as they are.
// Reading is in config.h, ../weights.h and text/tokenizer.h; that the parts fit each other is
// checked here.
#pragma once

#include <filesystem>
#include <vector>

#include "formats/model_format.h"

namespace bertune {

inline constexpr const char* kConfigName = "config.json";
inline constexpr const char* kWeightsName = "model.safetensors";
inline constexpr const char* kShardIndexName = "model.safetensors.index.json";
inline constexpr const char* kVocabularyName = "vocab.txt";
inline constexpr const char* kTokenizerName = "tokenizer.json";
inline constexpr const char* kTokenizerConfigName = "tokenizer_config.json";

// The weights of a folder: model.safetensors, else the shards that its index names, else none.
// Throws Error{kSystem, kInput} for an index that is damaged.
std::vector<std::filesystem::path> find_safetensors(const std::filesystem::path& folder);

// Throws Error{kInput} unless the vocabulary of `folder` has exactly config.vocab_size pieces.
void require_vocabulary_size(const BertConfig& config, size_t pieces,
                             const std::filesystem::path& folder);

// Writes the five files into `folder`, which exists and is empty; for a folder that appears at once
// or not at all, call it through write_folder_atomic. Throws Error{kSystem, kInput}.
void write_model_folder(const std::filesystem::path& folder, const ModelContents& contents);

// Of these: vocab.txt, tokenizer.json, tokenizer_config.json.
void write_tokenizer_files(const std::filesystem::path& folder, const ModelContents& contents);

}  // namespace bertune
