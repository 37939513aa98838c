// SPDX-License-Identifier: Apache-2.0
// How much memory this process has taken and how much more it may take.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace bertune {

int64_t resident_bytes();       // of this process, now
int64_t peak_resident_bytes();  // the most it ever was

// What a process may still take: the machine's MemAvailable, or less where its control group (v1 or
// v2, or one above it) allows less. Nothing when the system does not say. `root` is for tests.
std::optional<int64_t> available_bytes(const std::filesystem::path& root = "/");

// "512MiB", "1.5 GiB", "2G", "4096" (bytes); K, M, G, T count in steps of 1024. Nothing: not such a
// text.
std::optional<int64_t> parse_bytes(std::string_view text);

}  // namespace bertune
