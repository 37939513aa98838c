// SPDX-License-Identifier: Apache-2.0
// The interface of a model file format: how a model is found, read and written. Each format fills
// in a ModelFormat in its own folder, and model_files.cc lists them. A format may support reading,
// writing or both.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bertune/tokenizer.h"
#include "formats/weight_source.h"
#include "model/config.h"
#include "model/params.h"

namespace bertune {

struct ModelFormat;

// The files of a model, resolved from its path by find_model_files (model_files.h).
struct ModelFiles {
  const ModelFormat* format = nullptr;
  std::filesystem::path path;                     // as given by the user, for messages
  std::filesystem::path folder;                   // with config and vocabulary; for Tokenizer::load
  std::filesystem::path config;                   // empty: absent and not needed
  std::vector<std::filesystem::path> weights;     // empty: absent and not needed
  std::vector<std::filesystem::path> vocabulary;  // vocab.txt, tokenizer.json: those that exist
};

// The parts of a model to write. The caller owns everything here, and it is only read.
struct ModelContents {
  const BertConfig& config;
  std::string architecture;  // transformers' class: "BertForQuestionAnswering", ...
  const ParameterList& list;
  std::span<const float> values;               // [list.size] fp32
  const std::vector<std::string>& vocabulary;  // vocabulary entry of each id
  Normalization normalization;
};

// All functions throw Error{kSystem, kInput, kUsage}.
struct ModelReader {
  // The weight files of the model at this path, which is a folder or a file. Empty if the model is
  // not in this format. Weight files are not opened.
  std::vector<std::filesystem::path> (*find_weights)(const std::filesystem::path& model);
  // The config file of a model whose weights have been found. Empty if there is none.
  std::filesystem::path (*find_config)(const ModelFiles& files);

  BertConfig (*read_config)(const std::filesystem::path& config);
  std::unique_ptr<WeightSource> (*open_weights)(const std::vector<std::filesystem::path>& files);
};

struct ModelWriter {
  // The names of the files that may hold an export's weights. The first one is always written, and
  // an output path with its extension requests the weights alone.
  std::span<const char* const> weight_files;

  std::string (*config)(const ModelContents&);  // the text of config.json
  void (*write_weights)(const std::filesystem::path& path, const ModelContents&);  // not atomic
  std::string (*readme)(const ModelContents&);  // how to run the model, below a title

  // Throws Error{kInput} for a model that the format cannot represent. Null if there is none.
  void (*require_model)(const BertConfig&) = nullptr;
  // Throws Error{kUsage} when the weights do not fit into one file. Null if they always do.
  void (*require_one_file)(const ModelContents&) = nullptr;
  // Describes how results will differ in the program that runs the export. Returns an empty string
  // for no difference. Null if there never is one.
  std::string (*caveat)(const BertConfig&) = nullptr;
};

struct ModelFormat {
  const char* name;           // value of the option `format`
  const ModelReader* reader;  // null: the format is only written
  const ModelWriter* writer;  // null: the format is only read
};

}  // namespace bertune
