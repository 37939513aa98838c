// SPDX-License-Identifier: Apache-2.0
// A Hugging Face model folder: config.json, model.safetensors, vocab.txt, tokenizer.json and
// tokenizer_config.json, written so that transformers loads model and tokenizer as they are.
// Reading is in config.h, weights.h and text/tokenizer.h; that the parts fit each other is checked
// here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/config.h"
#include "model/params.h"
#include "bertune/tokenizer.h"

namespace bertune {

// Throws Error{kSystem, kInput} naming the first file that a model lacks, before anything is
// loaded: its config, weights, vocab.txt or tokenizer.json. `model` is a folder or a MindSpore
// checkpoint.
void require_model_folder(const std::filesystem::path& model);

// Throws Error{kInput} unless the vocabulary of `folder` has exactly config.vocab_size pieces.
void require_vocabulary_size(const BertConfig& config, size_t pieces,
                             const std::filesystem::path& folder);

// transformers' class of a BERT with this head: "BertForQuestionAnswering", ...
std::string architecture_of(HeadKind head);
// The head of one of these classes; nothing for another.
std::optional<HeadKind> head_of_architecture(const std::string& architecture);

// What a folder is made of; everything is the caller's and only read.
struct ModelContents {
  const BertConfig& config;
  std::string architecture;
  const ParameterList& list;
  std::span<const float> values;               // [list.size] fp32
  const std::vector<std::string>& vocabulary;  // piece of each id
  Normalization normalization;
};

// Writes the five files into `folder`, which exists and is empty; for a folder that appears at once
// or not at all, call it through write_folder_atomic. Throws Error{kSystem, kInput}.
void write_model_folder(const std::filesystem::path& folder, const ModelContents& contents);

// The parts: vocab.txt, tokenizer.json, tokenizer_config.json; and the weights as safetensors.
void write_tokenizer_files(const std::filesystem::path& folder, const ModelContents& contents);
void write_safetensors_weights(const std::filesystem::path& path, const ParameterList& list,
                               std::span<const float> values);

}  // namespace bertune
