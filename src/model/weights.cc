// SPDX-License-Identifier: Apache-2.0
#include "model/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/parallel.h"
#include "base/random.h"
#include "bertune/error.h"
#include "model/json_file.h"
#include "model/safetensors.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIndexName = "model.safetensors.index.json";

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
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
      file.fail(fmt::format("\"weight_map\" has no plain file name for '{}'", name));
    shards.insert(index.parent_path() / path);
  }
  return {shards.begin(), shards.end()};
}

// All tensors of all files of a folder.
class WeightFiles {
 public:
  struct Place {
    const SafetensorsFile* file;
    const StoredTensor* tensor;
    std::string name;  // in the file
  };

  explicit WeightFiles(const fs::path& folder) : folder_(folder) {
    for (const fs::path& path : find_weight_files(folder)) files_.emplace_back(path);
    for (const SafetensorsFile& file : files_) {
      for (const auto& [name, tensor] : file.tensors()) add({&file, &tensor, name});
    }
  }

  // Where a parameter is, under any of the names that it has gone by; null: nowhere.
  const Place* find(const Parameter& parameter) const {
    for (const std::string& name : names_of(parameter.name)) {
      const auto found = places_.find(name);
      if (found != places_.end()) return &found->second;
    }
    return nullptr;
  }

  std::string description() const {
    const fs::path where = files_.size() == 1 ? files_[0].path() : folder_;
    const std::string first = places_.empty() ? "none" : places_.begin()->first;
    return fmt::format("'{}', which has {} tensors, the first '{}'", where.string(), places_.size(),
                       first);
  }

 private:
  void add(const Place& place) {
    const auto [other, added] = places_.emplace(place.name, place);
    if (!added) {
      throw Error(ErrorKind::kInput,
                  fmt::format("tensor '{}' is in '{}' and in '{}'", place.name,
                              other->second.file->path().string(), place.file->path().string()));
    }
  }

  static std::vector<std::string> names_of(const std::string& name) {
    std::vector<std::string> names = {name};
    if (name.starts_with("bert.")) names.push_back(name.substr(5));
    for (size_t i = 0, count = names.size(); i < count; ++i) {
      std::string old = names[i];
      if (old.ends_with("LayerNorm.weight"))
        names.push_back(old.replace(old.size() - 6, 6, "gamma"));
      else if (old.ends_with("LayerNorm.bias"))
        names.push_back(old.replace(old.size() - 4, 4, "beta"));
    }
    return names;
  }

  fs::path folder_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, Place> places_;
};

[[noreturn]] void fail_missing(const Parameter& parameter, const WeightFiles& files) {
  throw Error(ErrorKind::kInput,
              fmt::format("there is no tensor '{}' {} in {}", parameter.name,
                          shape_text(parameter.shape), files.description()),
              "the weights must be a BERT's, and config.json must be that of these weights; only a "
              "head that is missing as a whole can be new");
}

void check_shape(const Parameter& parameter, const WeightFiles::Place& place) {
  if (place.tensor->shape == parameter.shape) return;
  throw Error(ErrorKind::kInput,
              fmt::format("tensor '{}' must be {} by config.json, and is {} in '{}'", place.name,
                          shape_text(parameter.shape), shape_text(place.tensor->shape),
                          place.file->path().string()),
              "config.json and the weights must be of the same model");
}

// The names of a head that is not there. Part of one is a damaged file, not a new head.
std::vector<std::string> check_parameters(const ParameterList& list, const WeightFiles& files) {
  std::vector<std::string> missing;
  const Parameter* first_missing = nullptr;
  int64_t head_size = 0;
  for (const Parameter& parameter : list.parameters) {
    head_size += parameter.head;
    const WeightFiles::Place* place = files.find(parameter);
    if (place != nullptr) {
      check_shape(parameter, *place);
      continue;
    }
    if (!parameter.head) fail_missing(parameter, files);
    if (first_missing == nullptr) first_missing = &parameter;
    missing.push_back(parameter.name);
  }
  if (!missing.empty() && static_cast<int64_t>(missing.size()) < head_size)
    fail_missing(*first_missing, files);
  return missing;
}

uint64_t hash_name(const std::string& name) {  // FNV-1a
  uint64_t hash = 0xCBF29CE484222325ull;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  return hash;
}

void initialize(const Parameter& parameter, const BertConfig& config, uint64_t seed,
                std::span<float> values) {
  if (!parameter.decay) {
    const bool ones = parameter.name.ends_with("LayerNorm.weight");
    std::fill(values.begin(), values.end(), ones ? 1.0f : 0.0f);
    return;
  }
  const uint64_t key = fold(seed, hash_name(parameter.name));
  parallel_for(static_cast<int64_t>(values.size()), 1 << 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const double value = normal(key, static_cast<uint64_t>(i));
      values[static_cast<size_t>(i)] = static_cast<float>(config.initializer_range * value);
    }
  });
  if (parameter.name.ends_with("word_embeddings.weight")) {
    const auto padding = static_cast<size_t>(config.pad_token_id * config.hidden_size);
    std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(padding), config.hidden_size, 0.0f);
  }
}

}  // namespace

std::vector<fs::path> find_weight_files(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw Error(ErrorKind::kSystem, fmt::format("there is no folder '{}'", folder.string()),
                "check the spelling of the path");
  }
  if (is_file(folder / "model.safetensors")) return {folder / "model.safetensors"};
  if (is_file(folder / kIndexName)) return shards_of(folder / kIndexName);
  if (is_file(folder / "pytorch_model.bin")) {
    throw Error(
        ErrorKind::kInput,
        fmt::format("'{}' has only pytorch_model.bin, a pickle, which is not read because a pickle "
                    "can run code",
                    folder.string()),
        "convert it once, in that folder: python3 -c \"import torch, safetensors.torch as s; "
        "s.save_file({k: v.clone().contiguous() for k, v in torch.load('pytorch_model.bin', "
        "map_location='cpu', weights_only=True).items()}, 'model.safetensors', {'format': "
        "'pt'})\"");
  }
  throw Error(ErrorKind::kSystem, fmt::format("'{}' has no model.safetensors", folder.string()),
              "a model folder holds config.json, model.safetensors (or its shards and their index) "
              "and vocab.txt or tokenizer.json");
}

HostWeights read_weights(const fs::path& folder, const ParameterList& list) {
  const WeightFiles files(folder);
  HostWeights weights;
  weights.missing_head = check_parameters(list, files);
  weights.values.resize(static_cast<size_t>(list.size));
  const std::span<float> values = weights.values;
  parallel_for(static_cast<int64_t>(list.parameters.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const Parameter& parameter = list.parameters[static_cast<size_t>(i)];
      const WeightFiles::Place* place = files.find(parameter);
      if (place == nullptr) continue;
      const auto offset = static_cast<size_t>(parameter.offset);
      place->file->read(place->name, values.subspan(offset, static_cast<size_t>(parameter.size())));
    }
  });
  return weights;
}

void initialize_parameters(const ParameterList& list, std::span<const std::string> names,
                           const BertConfig& config, uint64_t seed, std::span<float> values) {
  CHECK(values.size() == static_cast<size_t>(list.size));
  for (const Parameter& parameter : list.parameters) {
    if (std::find(names.begin(), names.end(), parameter.name) == names.end()) continue;
    initialize(parameter, config, seed,
               values.subspan(static_cast<size_t>(parameter.offset),
                              static_cast<size_t>(parameter.size())));
  }
}

}  // namespace bertune
