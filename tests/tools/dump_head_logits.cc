// SPDX-License-Identifier: Apache-2.0
// Computes the logits of a model folder with any head and writes the model to a new folder, for
// tools/check_heads.py.
// Usage: dump_head_logits FOLDER WINDOWS fp32|bf16 LOGITS COPY
// WINDOWS has one JSON object per line: {"ids": [n], "types": [n], "masked": [indices in the
// window]}. All windows pass through the model packed. LOGITS receives their logits as floats, COPY
// a model folder written from what was read.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/io.h"
#include "bertune/tokenizer.h"
#include "engine/devices.h"
#include "formats/huggingface/folder.h"
#include "formats/model_files.h"
#include "formats/weights.h"
#include "model/heads/heads.h"
#include "model/task_model.h"

namespace bertune {
namespace {

Batch read_windows(const std::string& path) {
  Batch batch;
  batch.offsets.push_back(0);
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto window = nlohmann::json::parse(line);
    const auto ids = window["ids"].get<std::vector<int32_t>>();
    const auto types = window["types"].get<std::vector<int32_t>>();
    for (const int32_t place : window["masked"]) {
      batch.masked_rows.push_back(batch.offsets.back() + place);
    }
    batch.windows.push_back(batch.size());
    batch.ids.insert(batch.ids.end(), ids.begin(), ids.end());
    batch.types.insert(batch.types.end(), types.begin(), types.end());
    for (int32_t i = 0; i < static_cast<int32_t>(ids.size()); ++i) batch.positions.push_back(i);
    batch.offsets.push_back(batch.rows());
    batch.max_length = std::max(batch.max_length, static_cast<int32_t>(ids.size()));
  }
  return batch;
}

void dump(const std::filesystem::path& folder, const std::string& windows,
          const std::string& precision, const std::string& logits_path,
          const std::filesystem::path& copy) {
  const ModelFiles files = find_model_files(folder);
  const BertConfig config = read_config(files);
  const HeadKind head = head_of_architecture(config.architecture).value();
  const ParameterList list = list_parameters(config, head);
  const HostWeights weights = read_weights(files, list);
  const Tokenizer tokenizer = Tokenizer::load(files.folder);
  std::filesystem::create_directories(copy);
  write_model_folder(copy, {.config = config,
                            .architecture = architecture_of(head, family_of(config)),
                            .list = list,
                            .values = weights.values,
                            .vocabulary = tokenizer.vocabulary(),
                            .normalization = tokenizer.normalization()});
  const Batch batch = read_windows(windows);
  const ChosenEngine chosen = make_engine({.precision = precision});
  TaskModel model(*chosen.engine, config, head, Purpose::kInference, {batch.rows(), batch.size()});
  model.arena().commit();
  model.model().load(weights.values);
  std::vector<float> logits;
  model.logits(batch, logits);
  OutputFile out(logits_path);
  out.write({reinterpret_cast<const char*>(logits.data()), logits.size() * sizeof(float)});
  out.close();
}

}  // namespace
}  // namespace bertune

int main(int argc, char** argv) {
  if (argc != 6) {
    fmt::print(stderr, "usage: dump_head_logits FOLDER WINDOWS fp32|bf16 LOGITS COPY\n");
    return 2;
  }
  try {
    bertune::dump(argv[1], argv[2], argv[3], argv[4], argv[5]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "dump_head_logits: {}\n", error.what());
    return 1;
  }
  return 0;
}
