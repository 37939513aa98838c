// SPDX-License-Identifier: Apache-2.0
// The tokenizer files of a model folder: which one gives the vocabulary, which one the casing, and
// what is logged where they conflict or lack it. docs/tokenizer.md has the rules.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bertune/tokenizer.h"

namespace bertune {

struct TokenizerFiles {
  std::vector<std::string> vocabulary;  // the piece of each id
  std::filesystem::path vocabulary_path;
  Normalization normalization;
};

// Reads the vocabulary from vocab.txt, or else from tokenizer.json. The casing comes from
// tokenizer_config.json, or else from tokenizer.json; if neither sets it, text is lower-cased and
// this is logged. `lower_case` overrides it. `model` is a folder or a file in it, such as its
// weights. Throws Error{kSystem, kInput}.
TokenizerFiles read_tokenizer_files(const std::filesystem::path& model,
                                    std::optional<bool> lower_case = {});

}  // namespace bertune
