// SPDX-License-Identifier: Apache-2.0
// Where models come from and where they are stored, read from environment variables. docs/models.md
// lists the variables.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace bertune {

struct HubSettings {
  std::filesystem::path cache;    // models are in cache/models/ORG/NAME
  std::filesystem::path aliases;  // the user's file of aliases; it need not exist
  std::string endpoint = "https://huggingface.co";
  std::string token;     // empty: none
  bool offline = false;  // use only models on this machine
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds stall_timeout{30'000};  // longest time without a byte
  std::chrono::milliseconds first_wait{1'000};      // before the second attempt; then doubled
  int attempts = 5;                                 // per request, for temporary faults
};

// Reads BERTUNE_CACHE, XDG_CACHE_HOME, XDG_CONFIG_HOME, HOME, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE
// and HF_HUB_DOWNLOAD_TIMEOUT. Throws Error{kUsage} with the variable's name.
HubSettings hub_settings();

}  // namespace bertune
