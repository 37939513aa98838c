// SPDX-License-Identifier: Apache-2.0
// Resolves the path of a model, a folder or a file, to its format and to all of its files. The
// formats are listed in model_files.cc, one line each.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "formats/model_format.h"

namespace bertune {

std::span<const ModelFormat* const> model_formats();

// The parts of a model that the caller requires.
struct NeededParts {
  bool config = true;
  bool weights = true;
  bool vocabulary = true;
};

// Finds the files of the model at a path: a Hugging Face folder, a folder with a MindSpore
// checkpoint, or a MindSpore checkpoint file. A Hugging Face folder has safetensors or, where there
// are none, pytorch_model.bin. Only names are examined; the only file opened is an
// index of shards. Throws Error{kSystem, kInput, kUsage} that names the first required file that is
// missing. Also throws when the path holds no model, several models, or only an adapter of
// another model, with a hint on how to merge it.
ModelFiles find_model_files(const std::filesystem::path& model, NeededParts needed = {});

// The config, in which the decoder of masked words is not tied to the word table if the weights
// hold different values for the two. Throws Error{kSystem} when a file cannot be read, and
// Error{kInput} for another model_type, relative positions, an unsupported activation or
// inconsistent sizes.
BertConfig read_config(const ModelFiles& files);

// Throws Error{kSystem, kInput}.
std::unique_ptr<WeightSource> open_weights(const ModelFiles& files);

}  // namespace bertune
