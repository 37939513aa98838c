// SPDX-License-Identifier: Apache-2.0
// The cache: CACHE/models/ORG/NAME is a model folder, whole from the moment it has that name.
// Beside it stand a hidden folder for what is being fetched and a hidden file that locks it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file_lock.h"
#include "bertune/error.h"
#include "hub/settings.h"

namespace bertune {

// Where the model of a hub id is, or would be.
std::filesystem::path cached_folder(const HubSettings& settings, const std::string& id);

// Where its files are gathered until all are there.
std::filesystem::path gathering_folder(const std::filesystem::path& cached);

// Whether there is a folder, of whatever content: the user may have made it.
bool is_cached(const HubSettings& settings, const std::string& id);

// Hub ids of all that is in the cache, sorted.
std::vector<std::string> list_cached(const HubSettings& settings);

// Runs what writes into the cache; where the system refuses, the hint says how to choose another
// one.
template <typename Work>
void with_cache_hint(Work work) {
  try {
    work();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kSystem) throw;
    throw Error(error.kind(), error.message(),
                error.hint() + "; BERTUNE_CACHE names another folder for models");
  }
}

// Keeps other processes from fetching the same model for as long as the lock lives. Waits, which is
// said aloud, while another one has it. Throws Error{kSystem}.
std::unique_ptr<FileLock> lock_for_fetching(const std::filesystem::path& cached,
                                            const std::string& id);

}  // namespace bertune
