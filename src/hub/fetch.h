// SPDX-License-Identifier: Apache-2.0
// Downloads a whole model from the hub into the cache. It determines which files are needed,
// downloads them one by one, and makes them visible only together. Relies on remote.h, download.h
// and cache.h.
#pragma once

#include <filesystem>
#include <string>

#include "bertune/fetch.h"
#include "hub/settings.h"

namespace bertune {

// Downloads the model of a hub id unless it is in the cache, and returns its folder there.
// Processes that want the same model take turns. Throws Error; then no folder becomes visible, and
// the next call resumes with the bytes received so far.
std::filesystem::path fetch_model(const std::string& id, const HubSettings& settings,
                                  const FetchSink& sink = {});

}  // namespace bertune
