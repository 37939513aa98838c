// SPDX-License-Identifier: Apache-2.0
// The weights of a model in one file or in several shards, for formats whose files have tensors
// with transformers' names. Prefixes that PyTorch's wrappers put before every name are ignored.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "bertune/error.h"
#include "bertune/tokenizer.h"  // replace_invalid_utf8
#include "formats/weight_source.h"

namespace bertune {

// The name without the prefixes of DataParallel ("module.") and torch.compile ("_orig_mod.").
inline std::string_view without_wrappers(std::string_view name) {
  for (const std::string_view prefix : {"module.", "_orig_mod."}) {
    if (name.starts_with(prefix)) return without_wrappers(name.substr(prefix.size()));
  }
  return name;
}

// `File` is constructed from a path and has `path()`, `tensors()`, a map from names to structs with
// a `shape`, and `read(name, first, out)`.
template <typename File>
class ShardedWeights : public WeightSource {
 public:
  // Throws Error{kSystem, kInput} for a damaged file, or for a tensor that occurs twice.
  explicit ShardedWeights(const std::vector<std::filesystem::path>& files) {
    for (const std::filesystem::path& path : files) files_.emplace_back(path);
    for (const File& file : files_) add(file);
  }

  const StoredShape* find(const std::string& name) const override {
    const auto found = places_.find(name);
    return found == places_.end() ? nullptr : &found->second.shape;
  }

  void read(const std::string& name, size_t first, std::span<float> out) const override {
    const Place& place = places_.at(name);
    place.file->read(place.name, first, out);
  }

  std::string description() const override {
    const std::filesystem::path& first_file = files_[0].path();
    const std::filesystem::path where = files_.size() == 1 ? first_file : first_file.parent_path();
    const std::string first =
        places_.empty() ? "none" : excerpt(replace_invalid_utf8(places_.begin()->second.name));
    return fmt::format("'{}', which has {} tensors, the first of them '{}'", where.string(),
                       places_.size(), first);
  }

 private:
  struct Place {
    const File* file;
    std::string name;  // in the file
    StoredShape shape;
  };

  void add(const File& file) {
    for (const auto& [name, tensor] : file.tensors()) {
      const Place place{&file, name, {tensor.shape, file.path()}};
      const auto [other, added] = places_.emplace(without_wrappers(name), place);
      if (added) continue;
      const std::string shown = excerpt(replace_invalid_utf8(name));
      throw Error(ErrorKind::kInput,
                  fmt::format("tensor '{}' occurs both in '{}' and in '{}'", shown,
                              other->second.file->path().string(), file.path().string()),
                  "write the weights again");
    }
  }

  std::vector<File> files_;
  std::map<std::string, Place> places_;  // by the name without wrappers
};

}  // namespace bertune
