// SPDX-License-Identifier: Apache-2.0
// A model's files, resolved once: from the path of a folder or a file to the format and to every
// file that the model consists of. The formats are listed in model_files.cc, one line each.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "formats/model_format.h"

namespace bertune {

std::span<const ModelFormat* const> model_formats();

// The parts without which a model is of no use to the caller.
struct NeededParts {
  bool config = true;
  bool weights = true;
  bool vocabulary = true;
};

// The files of the model at a path: a Hugging Face folder, a folder with a MindSpore checkpoint, or
// such a checkpoint itself. Only names are looked at; nothing is opened but an index of shards.
// Throws Error{kSystem, kInput, kUsage} naming the first needed file that is missing, and Error for
// what is no model, several models, or a pickled pytorch_model.bin, with a hint how to convert it.
ModelFiles find_model_files(const std::filesystem::path& model, NeededParts needed = {});

// Throws Error{kSystem, kInput}: not readable, another model_type, relative positions, an
// activation we lack, sizes that do not fit each other.
BertConfig read_config(const ModelFiles& files);

// Throws Error{kSystem, kInput}.
std::unique_ptr<WeightSource> open_weights(const ModelFiles& files);

}  // namespace bertune
