// SPDX-License-Identifier: Apache-2.0
// Downloads one file of a model to disk: resumed where an earlier attempt broke off, verified by
// its hash, and given its final name only when complete. Relies on remote.h for requests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "hub/remote.h"

namespace bertune {

// Called with the number of bytes of the file on disk, which may decrease when a server starts
// over, and the number of bytes just received.
using BytesSink = std::function<void(int64_t size, int64_t received)>;

// Makes `path` contain the file. An existing file with the right hash is kept, and "<path>.partial"
// is resumed. Throws Error and then leaves a part that can be resumed.
void download_file(const RemoteModel& model, const RemoteFile& file,
                   const std::filesystem::path& path, const BytesSink& sink);

}  // namespace bertune
