// SPDX-License-Identifier: Apache-2.0
#include "formats/model_paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <system_error>

#include "base/json.h"
#include "base/json_file.h"
#include "bertune/error.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWeightsName = "model.safetensors";
constexpr const char* kIndexName = "model.safetensors.index.json";
constexpr const char* kMindSporeExtension = ".ckpt";

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::vector<fs::path> shards_of(const fs::path& index) {
  const JsonFile file(index);
  const auto map = file.root().find("weight_map");
  if (map == file.root().end() || !map->is_object() || map->empty())
    file.fail("there is no \"weight_map\" from tensors to files");
  std::set<fs::path> shards;
  for (const auto& [name, shard] : map->items()) {
    const fs::path path = shard.is_string() ? shard.get<std::string>() : "";
    // A shard lies beside its index: a foreign folder shall not make us read elsewhere.
    if (path.empty() || path != path.filename())
      file.fail(fmt::format("\"weight_map\" has no plain file name for '{}'", excerpt(name)));
    shards.insert(index.parent_path() / path);
  }
  return {shards.begin(), shards.end()};
}

std::vector<fs::path> mindspore_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) {
    if (i->path().extension() == kMindSporeExtension && is_file(i->path()))
      files.push_back(i->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

[[noreturn]] void fail_no_weights(const fs::path& model) {
  if (is_file(model / "pytorch_model.bin")) {
    throw Error(
        ErrorKind::kInput,
        fmt::format("'{}' has only pytorch_model.bin, a pickle, which is not read because a pickle "
                    "can run code",
                    model.string()),
        "convert it once, in that folder: python3 -c \"import torch, safetensors.torch as s; "
        "s.save_file({k: v.clone().contiguous() for k, v in torch.load('pytorch_model.bin', "
        "map_location='cpu', weights_only=True).items()}, 'model.safetensors', {'format': "
        "'pt'})\"");
  }
  if (is_file(model)) {
    throw Error(ErrorKind::kInput,
                fmt::format("'{}' is a file, not a model folder", model.string()),
                "give the folder that it is in; of files, only a MindSpore checkpoint (*.ckpt) can "
                "be named");
  }
  if (!is_folder(model)) {
    throw Error(ErrorKind::kSystem, fmt::format("there is no folder '{}'", model.string()),
                "check the spelling of the path");
  }
  throw Error(ErrorKind::kSystem, fmt::format("'{}' has no model.safetensors", model.string()),
              "a model folder holds config.json, model.safetensors (or its shards and their index, "
              "or a MindSpore checkpoint *.ckpt) and vocab.txt or tokenizer.json");
}

}  // namespace

fs::path folder_of_model(const fs::path& model) {
  if (!is_file(model)) return model;
  return model.has_parent_path() ? model.parent_path() : fs::path(".");
}

std::optional<fs::path> mindspore_checkpoint(const fs::path& model) {
  if (is_file(model)) {
    if (model.extension() == kMindSporeExtension) return model;
    return {};
  }
  if (is_file(model / kWeightsName) || is_file(model / kIndexName)) return {};
  const std::vector<fs::path> files = mindspore_files(model);
  if (files.empty()) return {};
  if (files.size() == 1) return files.front();
  throw Error(ErrorKind::kUsage,
              fmt::format("'{}' has {} MindSpore checkpoints", model.string(), files.size()),
              fmt::format("name the one that is meant, for example {}", files.back().string()));
}

std::vector<fs::path> find_weight_files(const fs::path& model) {
  if (is_file(model / kWeightsName)) return {model / kWeightsName};
  if (is_file(model / kIndexName)) return shards_of(model / kIndexName);
  if (const auto checkpoint = mindspore_checkpoint(model)) return {*checkpoint};
  fail_no_weights(model);
}

}  // namespace bertune
