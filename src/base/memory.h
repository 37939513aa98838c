// SPDX-License-Identifier: Apache-2.0
// The memory that this process uses and the memory that it may still use. Relies on /proc,
// getrusage and control_groups.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace bertune {

int64_t resident_bytes();       // resident memory of this process now
int64_t peak_resident_bytes();  // its maximum so far

// The memory that this process may still take: the machine's MemAvailable, or less where its
// control group (v1 or v2) or one of its ancestors allows less. Empty if the system does not report
// it. Tests pass their own `root`.
std::optional<int64_t> available_bytes(const std::filesystem::path& root = "/");

// Parses "512MiB", "1.5 GiB", "2G" or "4096" (bytes); K, M, G and T are powers of 1024. Empty if
// the text has no such form.
std::optional<int64_t> parse_bytes(std::string_view text);

std::string format_bytes(double bytes);  // "1.20 GiB"

}  // namespace bertune
