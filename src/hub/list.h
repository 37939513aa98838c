// SPDX-License-Identifier: Apache-2.0
// The models that can be given by name on this machine, and their folders. Relies on names.h,
// aliases.h and cache.h.
#pragma once

#include <vector>

#include "bertune/models.h"
#include "hub/settings.h"

namespace bertune {

// The names that bertune knows, then the user's aliases, then the other models in the cache. Throws
// Error if the aliases file is malformed.
std::vector<ListedModel> list_models(const HubSettings& settings);

}  // namespace bertune
