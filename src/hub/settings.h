// SPDX-License-Identifier: Apache-2.0
// Where models come from and where they are kept, as the environment says. docs/models.md has the
// variables.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace bertune {

struct HubSettings {
  std::filesystem::path cache;    // models stand in cache/models/ORG/NAME
  std::filesystem::path aliases;  // the user's file of names; it need not exist
  std::string endpoint = "https://huggingface.co";
  std::string token;     // empty: none
  bool offline = false;  // only what is on the disk
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds stall_timeout{30'000};  // without any byte
  std::chrono::milliseconds first_wait{1'000};      // before the second attempt; then doubled
  int attempts = 5;                                 // of one request, when the fault may pass
};

// BERTUNE_CACHE, XDG_CACHE_HOME, XDG_CONFIG_HOME, HOME, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE,
// HF_HUB_DOWNLOAD_TIMEOUT. Throws Error{kUsage} that names the variable.
HubSettings hub_settings();

}  // namespace bertune
