// SPDX-License-Identifier: Apache-2.0
// Turns the user's name for a model (a path, a short name or a hub id) into a path on this machine.
// Relies on names.h, aliases.h, cache.h and fetch.h; reading the model is left to formats/.
#pragma once

#include <filesystem>
#include <string>

#include "hub/fetch.h"
#include "hub/settings.h"

namespace bertune {

// Tries in this order: an existing folder or file; an alias of the user; a name of named_models()
// or a hub id, from the cache or else from the hub. "mindspore/NAME" means NAME. Throws
// Error{kUsage} with the nearest name for an unknown one, and Error{kSystem, kInput} with a hint
// for a model that cannot be obtained. Never makes up weights.
std::filesystem::path resolve_model(const std::string& name, const HubSettings& settings,
                                    const FetchSink& sink = {});

// The same with the settings of the environment, which are read only if `name` is not a path.
std::filesystem::path resolve_model(const std::string& name, const FetchSink& sink = {});

}  // namespace bertune
