// SPDX-License-Identifier: Apache-2.0
// The two hashes by which the hub names what a file holds: SHA-256, and that of a git blob.
// Computed by OpenSSL, which only digest.cc includes.
#pragma once

#include <string>
#include <string_view>

namespace bertune {

std::string sha256_hex(std::string_view bytes);

// SHA-1 of "blob <size>", a zero byte and the bytes, as `git hash-object` prints it.
std::string git_blob_hex(std::string_view bytes);

}  // namespace bertune
