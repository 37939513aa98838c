// SPDX-License-Identifier: Apache-2.0
// The tokenizer of a model folder: which file gives the vocabulary, which the casing, and what is
// said where they are silent or differ. docs/tokenizer.md has the rules.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "text/normalization.h"

namespace bertune {

struct TokenizerFiles {
  std::vector<std::string> vocabulary;  // piece of each id
  std::filesystem::path vocabulary_path;
  Normalization normalization;
};

// Reads vocab.txt, else tokenizer.json; the casing of tokenizer_config.json, else of
// tokenizer.json, else lower-casing, which is then said aloud. `lower_case` overrides. Throws
// Error{kSystem, kInput}. `model` is a folder or a file in it, such as its weights.
TokenizerFiles read_tokenizer_files(const std::filesystem::path& model,
                                    std::optional<bool> lower_case = {});

}  // namespace bertune
