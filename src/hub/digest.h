// SPDX-License-Identifier: Apache-2.0
// The two hashes that the hub publishes for a file's content: SHA-256 and the git blob hash.
// Computed by OpenSSL, which only digest.cc includes.
#pragma once

#include <string>
#include <string_view>

namespace bertune {

std::string sha256_hex(std::string_view bytes);

// SHA-1 of "blob <size>", a zero byte and the bytes, as `git hash-object` prints it.
std::string git_blob_hex(std::string_view bytes);

}  // namespace bertune
