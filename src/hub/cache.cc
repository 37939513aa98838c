// SPDX-License-Identifier: Apache-2.0
#include "hub/cache.h"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "base/log.h"
#include "hub/names.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

fs::path hidden(const fs::path& cached, const char* suffix) {
  return cached.parent_path() / ("." + cached.filename().string() + suffix);
}

// The direct subfolders of a folder that are not hidden; empty if it cannot be read.
std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) {
    std::error_code ignored;
    const bool is_hidden = i->path().filename().string().starts_with(".");
    if (!is_hidden && i->is_directory(ignored)) folders.push_back(i->path());
  }
  return folders;
}

}  // namespace

fs::path cached_folder(const HubSettings& settings, const std::string& id) {
  return settings.cache / "models" / id;
}

fs::path gathering_folder(const fs::path& cached) { return hidden(cached, ".partial"); }

bool is_cached(const HubSettings& settings, const std::string& id) {
  std::error_code ignored;
  return fs::is_directory(cached_folder(settings, id), ignored);
}

std::vector<std::string> list_cached(const HubSettings& settings) {
  std::vector<std::string> ids;
  for (const fs::path& organisation : folders_in(settings.cache / "models")) {
    for (const fs::path& model : folders_in(organisation)) {
      std::string id = organisation.filename().string() + "/" + model.filename().string();
      if (is_hub_id(id)) ids.push_back(std::move(id));
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::unique_ptr<FileLock> lock_for_fetching(const fs::path& cached, const std::string& id) {
  constexpr auto kPause = std::chrono::milliseconds(100);
  bool is_said = false;
  for (;;) {
    auto lock = std::make_unique<FileLock>(hidden(cached, ".lock"));
    if (lock->is_held()) return lock;
    if (!std::exchange(is_said, true)) {
      log_info("another process ({}) is downloading {}; waiting for it", lock->holder(), id);
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace bertune
