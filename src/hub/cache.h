// SPDX-License-Identifier: Apache-2.0
// The model cache: CACHE/models/ORG/NAME is a model folder, complete as soon as it has that name.
// Beside it are a hidden folder for a download in progress and a hidden lock file. Downloading is
// left to fetch.h.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file_lock.h"
#include "bertune/error.h"
#include "hub/settings.h"

namespace bertune {

// The folder of a hub id's model, whether or not it exists.
std::filesystem::path cached_folder(const HubSettings& settings, const std::string& id);

// The hidden folder that collects the model's files until all have arrived.
std::filesystem::path gathering_folder(const std::filesystem::path& cached);

// Whether the folder exists, with any content: the user may have made it.
bool is_cached(const HubSettings& settings, const std::string& id);

// The hub ids of all models in the cache, sorted.
std::vector<std::string> list_cached(const HubSettings& settings);

// Runs `work`, which writes into the cache, and adds to the hint of a system error how to choose
// another cache folder.
template <typename Work>
void with_cache_hint(Work work) {
  try {
    work();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kSystem) throw;
    throw error.with_hint("; set BERTUNE_CACHE to use another folder for models");
  }
}

// Keeps other processes from downloading the same model while the lock lives. If another process
// has the lock, logs that once and waits. Throws Error{kSystem}.
std::unique_ptr<FileLock> lock_for_fetching(const std::filesystem::path& cached,
                                            const std::string& id);

}  // namespace bertune
