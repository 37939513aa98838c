// SPDX-License-Identifier: Apache-2.0
// A whole model from the hub into the cache: which files it needs, one after the other, visible
// only together.
#pragma once

#include <filesystem>
#include <string>

#include "bertune/fetch.h"
#include "hub/settings.h"

namespace bertune {

// Fetches the model of a hub id unless it is in the cache, and returns its folder there. Processes
// that want the same one take turns. Throws Error; then nothing is visible, and what has come so
// far is continued next time.
std::filesystem::path fetch_model(const std::string& id, const HubSettings& settings,
                                  const FetchSink& sink = {});

}  // namespace bertune
