// SPDX-License-Identifier: Apache-2.0
#include "hub/fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/io.h"
#include "base/json.h"
#include "base/log.h"
#include "bertune/error.h"
#include "formats/huggingface/config.h"
#include "formats/huggingface/folder.h"
#include "formats/model_files.h"
#include "formats/pytorch/format.h"
#include "hub/cache.h"
#include "hub/download.h"
#include "hub/remote.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

std::string format_size(int64_t bytes) {
  return fmt::format("{:.1f} MB", 1e-6 * static_cast<double>(bytes));
}

// A name from an untrusted index becomes part of a path and of a URL.
bool is_shard_name(const std::string& name, const char* extension) {
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  };
  constexpr size_t kLongest = 200;  // file systems allow 255 bytes, including our suffixes
  return name.ends_with(extension) && name.size() <= kLongest && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), allowed);
}

// Collects the files of one model in a temporary folder.
class Gathering {
 public:
  Gathering(RemoteModel& model, fs::path folder, const FetchSink& sink)
      : model_(model), folder_(std::move(folder)), sink_(sink) {}

  void run() {
    list_and_check_config();
    list_vocabulary();
    list_weights();
    remove_others();
    check_space();
    log_info("downloading {} ({}) from {}", model_.id(), format_size(total_),
             model_.settings().endpoint);
    for (const RemoteFile& file : files_) download(file);
  }

 private:
  bool list(const char* name) {
    std::optional<RemoteFile> file = model_.find(name);
    if (file) {
      total_ += file->size.value_or(0);
      files_.push_back(std::move(*file));
    }
    return file.has_value();
  }

  // Checks that this is a model that bertune can use before anything large is downloaded.
  void list_and_check_config() {
    if (!list(kConfigName)) {
      refuse_adapter();
      throw Error(ErrorKind::kSystem,
                  fmt::format("{} has no model '{}' with a config.json", model_.settings().endpoint,
                              model_.id()),
                  "check the spelling; `bertune models` lists the known names; " + model_.advice());
    }
    download_now(files_.back());
    try {
      parse_config(JsonFile(folder_ / kConfigName));
    } catch (const Error& error) {
      std::error_code ignored;
      fs::remove_all(folder_, ignored);
      throw error.at(fmt::format("'{}' cannot be used", model_.id()));
    }
  }

  void list_vocabulary() {
    const bool has_vocabulary = list(kVocabularyName);
    const bool has_tokenizer = list(kTokenizerName);
    list(kTokenizerConfigName);
    if (has_vocabulary || has_tokenizer) return;
    throw Error(ErrorKind::kInput,
                fmt::format("'{}' has neither vocab.txt nor tokenizer.json", model_.id()),
                "choose a BERT model with one of them, " + model_.advice());
  }

  void list_weights() {
    if (list(kWeightsName)) return;
    if (list_shards(kShardIndexName, kWeightsName, ".safetensors")) return;
    if (list(kPyTorchWeightsName)) return;
    if (list_shards(kPyTorchShardIndexName, kPyTorchWeightsName, ".bin")) return;
    refuse_adapter();
    throw Error(
        ErrorKind::kInput,
        fmt::format("'{}' has neither {} nor {}", model_.id(), kWeightsName, kPyTorchWeightsName),
        "choose another model, " + model_.advice());
  }

  // The shards of an index, if there is one. `whole` is the name of weights without shards.
  bool list_shards(const char* index, const char* whole, const char* extension) {
    if (!list(index)) return false;
    download_now(files_.back());
    std::error_code ignored;
    fs::remove(folder_ / whole, ignored);  // from an earlier version without shards
    for (const fs::path& shard : find_weight_files(folder_, whole, index)) {
      const std::string name = shard.filename();
      if (is_shard_name(name, extension) && list(name.c_str())) continue;
      throw Error(ErrorKind::kInput,
                  fmt::format("'{}' has no file '{}', although its {} lists it", model_.id(),
                              excerpt(name), index),
                  "choose another model, " + model_.advice());
    }
    return true;
  }

  void refuse_adapter() {
    if (!model_.find(kAdapterConfigName)) return;
    throw Error(ErrorKind::kInput,
                fmt::format("'{}' is only an adapter (LoRA) for another model, not a whole model",
                            model_.id()),
                "merge it into its model where peft is installed (docs/models.md), and use the "
                "folder of the merged model");
  }

  // Removes files of another version of the model that an earlier attempt left.
  void remove_others() {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_, error)) {
      std::string name = entry.path().filename().string();
      if (name.ends_with(".partial")) name.resize(name.size() - 8);
      const bool belongs = std::any_of(files_.begin(), files_.end(),
                                       [&](const RemoteFile& file) { return file.name == name; });
      if (!belongs) fs::remove_all(entry.path(), error);
    }
  }

  void check_space() const {
    int64_t there = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_, error))
      there += static_cast<int64_t>(entry.file_size(error));
    const fs::space_info space = fs::space(folder_, error);
    if (error || static_cast<int64_t>(space.available) + there >= total_) return;
    throw Error(ErrorKind::kSystem,
                fmt::format("'{}' needs {}, but '{}' has only {} left", model_.id(),
                            format_size(total_ - there), folder_.parent_path().string(),
                            format_size(static_cast<int64_t>(space.available))),
                "free some space, or set BERTUNE_CACHE to a folder on another disk");
  }

  // Downloads a file that determines which others are needed. Such files are small and come before
  // the check of disk space.
  void download_now(const RemoteFile& file) const {
    constexpr int64_t kMost = int64_t{64} << 20;
    if (file.size.value_or(0) > kMost) {
      throw Error(ErrorKind::kInput,
                  fmt::format("'{}' of '{}' has {}, too much for a file of this kind", file.name,
                              model_.id(), format_size(*file.size)),
                  "choose another model, " + model_.advice());
    }
    download_file(model_, file, folder_ / file.name, {});
  }

  void download(const RemoteFile& file) {
    int64_t here = 0;
    download_file(model_, file, folder_ / file.name, [&](int64_t size, int64_t received) {
      here = size;
      received_ += received;
      report(file.name, done_ + here);
    });
    done_ += here;
  }

  void report(const std::string& file, int64_t bytes) const {
    if (!sink_) return;
    sink_({.model = model_.id(),
           .file = file,
           .bytes = bytes,
           .total = std::max(bytes, total_),
           .received = received_});
  }

  RemoteModel& model_;
  fs::path folder_;
  const FetchSink& sink_;
  std::vector<RemoteFile> files_;
  int64_t total_ = 0;
  int64_t done_ = 0;
  int64_t received_ = 0;
};

}  // namespace

fs::path fetch_model(const std::string& id, const HubSettings& settings, const FetchSink& sink) {
  const fs::path cached = cached_folder(settings, id);
  if (is_cached(settings, id)) return cached;
  const fs::path gathering = gathering_folder(cached);
  with_cache_hint([&] { require_writable_folder(cached.parent_path()); });
  const auto lock = lock_for_fetching(cached, id);
  if (is_cached(settings, id)) return cached;  // another process has downloaded it in the meantime
  with_cache_hint([&] { require_writable_folder(gathering); });

  RemoteModel model(settings, id, cached);
  Gathering(model, gathering, sink).run();
  find_model_files(gathering);  // whole, or an error that names what is missing
  move_into_place(gathering, cached);
  log_info("{} (revision {}) is in '{}'", id, model.revision(), cached.string());
  return cached;
}

}  // namespace bertune
