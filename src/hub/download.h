// SPDX-License-Identifier: Apache-2.0
// One file of a model, from the hub to the disk: resumed where an earlier attempt broke off,
// checked, and under its name only when it is whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "hub/remote.h"

namespace bertune {

// Bytes of the file that are on the disk now, which may go back when a server begins anew, and how
// many have just come.
using BytesSink = std::function<void(int64_t size, int64_t received)>;

// Makes `path` hold the file. What is there already and has the right hash is kept; what is in
// "<path>.partial" is continued. Throws Error; a part that may be continued stays.
void download_file(const RemoteModel& model, const RemoteFile& file,
                   const std::filesystem::path& path, const BytesSink& sink);

}  // namespace bertune
