// SPDX-License-Identifier: Apache-2.0
// What a format of model files is: how a model in it is found and read, and how one is written. A
// format fills in a ModelFormat in its own folder; model_files.cc lists them. It may do both, or
// one of the two.
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

// The files of a model, found once from its path by find_model_files (model_files.h).
struct ModelFiles {
  const ModelFormat* format = nullptr;
  std::filesystem::path path;                     // as it was given, for messages
  std::filesystem::path folder;                   // of config and vocabulary; for Tokenizer::load
  std::filesystem::path config;                   // empty: not there, and not needed
  std::vector<std::filesystem::path> weights;     // likewise
  std::vector<std::filesystem::path> vocabulary;  // vocab.txt, tokenizer.json: those that are there
};

// What a model consists of when it is written; everything is the caller's and only read.
struct ModelContents {
  const BertConfig& config;
  std::string architecture;  // transformers' class: "BertForQuestionAnswering", ...
  const ParameterList& list;
  std::span<const float> values;               // [list.size] fp32
  const std::vector<std::string>& vocabulary;  // piece of each id
  Normalization normalization;
};

// All functions throw Error{kSystem, kInput, kUsage}.
struct ModelReader {
  // The weight files of the model at this path; none: it is in another format. The path is a folder
  // or a file. Weights are not opened.
  std::vector<std::filesystem::path> (*find_weights)(const std::filesystem::path& model);
  // The config of a model whose weights are found; empty: there is none.
  std::filesystem::path (*find_config)(const ModelFiles& files);

  BertConfig (*read_config)(const std::filesystem::path& config);
  std::unique_ptr<WeightSource> (*open_weights)(const std::vector<std::filesystem::path>& files);
};

struct ModelWriter {
  // The files that an export may hold its weights in, by name. The first is always there, and a
  // path with its extension means the weights alone.
  std::span<const char* const> weight_files;

  std::string (*config)(const ModelContents&);  // the text of config.json
  void (*write_weights)(const std::filesystem::path& path, const ModelContents&);  // not atomic
  std::string (*readme)(const ModelContents&);  // how the model is run, behind a title

  // Throws Error{kUsage} when the weights do not fit one file. Null: they always do.
  void (*require_one_file)(const ModelContents&) = nullptr;
  // What will differ where the export is run; empty: nothing. Null: never anything.
  std::string (*caveat)(const BertConfig&) = nullptr;
};

struct ModelFormat {
  const char* name;           // of the option `format`
  const ModelReader* reader;  // null: such a model is only written
  const ModelWriter* writer;  // null: only read
};

}  // namespace bertune
