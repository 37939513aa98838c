// SPDX-License-Identifier: Apache-2.0
// What a user calls a model, turned into a path on this machine: a path as it is, a name, a hub id.
#pragma once

#include <filesystem>
#include <string>

#include "hub/fetch.h"
#include "hub/settings.h"

namespace bertune {

// In this order: a folder or file that is there; a name of the user's aliases; one of
// named_models() or a hub id, from the cache, else from the hub. "mindspore/NAME" is NAME. Throws
// Error{kUsage} for a name that means nothing, with the nearest one, and Error{kSystem, kInput} for
// a model that cannot be had, with what to do. Never makes up weights.
std::filesystem::path resolve_model(const std::string& name, const HubSettings& settings,
                                    const FetchSink& sink = {});

// The same with the environment's settings, which are read only when `name` is not a path.
std::filesystem::path resolve_model(const std::string& name, const FetchSink& sink = {});

}  // namespace bertune
