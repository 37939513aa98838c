// SPDX-License-Identifier: Apache-2.0
#include "base/memory.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <fstream>

#include "base/control_groups.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

void keep_smaller(std::optional<int64_t>& least, std::optional<int64_t> value) {
  if (value && (!least || *value < *least)) least = value;
}

// The number after `key` in a file of "key number" lines; with an empty key, the file's first word.
std::optional<int64_t> read_number(const fs::path& path, const std::string& key) {
  std::ifstream file(path);
  std::string word;
  while (!key.empty() && file >> word && word != key) continue;
  int64_t number = 0;
  if (file >> number) return number;
  return {};
}

// The memory that a control group still grants, not counting page cache that the system would drop.
// Empty if there is no limit.
std::optional<int64_t> room_in(const fs::path& group, const char* limit_name,
                               const char* usage_name, const char* cache_key) {
  const std::optional<int64_t> limit = read_number(group / limit_name, "");
  const std::optional<int64_t> usage = read_number(group / usage_name, "");
  if (!limit || !usage) return {};
  const int64_t cache = read_number(group / "memory.stat", cache_key).value_or(0);
  return std::max<int64_t>(0, *limit - (*usage - std::min(cache, *usage)));
}

std::optional<int64_t> room_of_control_groups(const fs::path& root) {
  std::optional<int64_t> least;
  for (const auto& [folder, version2] : control_groups("memory", root)) {
    keep_smaller(least, version2 ? room_in(folder, "memory.max", "memory.current", "inactive_file")
                                 : room_in(folder, "memory.limit_in_bytes", "memory.usage_in_bytes",
                                           "total_inactive_file"));
  }
  return least;
}

}  // namespace

int64_t resident_bytes() {
  int64_t virtual_pages = 0, resident_pages = 0;
  std::ifstream("/proc/self/statm") >> virtual_pages >> resident_pages;
  return resident_pages * ::sysconf(_SC_PAGESIZE);
}

int64_t peak_resident_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024;
}

std::optional<int64_t> available_bytes(const fs::path& root) {
  std::optional<int64_t> least = read_number(root / "proc/meminfo", "MemAvailable:");
  if (least) *least *= 1024;
  keep_smaller(least, room_of_control_groups(root));
  return least;
}

std::optional<int64_t> parse_bytes(std::string_view text) {
  double number = 0.0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || !(number >= 0)) return {};
  std::string unit;
  for (const char* c = rest; c != end; ++c) {
    if (*c != ' ') unit += static_cast<char>(std::toupper(static_cast<unsigned char>(*c)));
  }
  constexpr std::string_view kUnits = "BKMGT";
  const size_t power = unit.empty() ? 0 : kUnits.find(unit[0]);
  if (power == kUnits.npos) return {};
  const std::string_view tail = std::string_view(unit).substr(unit.empty() ? 0 : 1);
  if (!tail.empty() && (power == 0 || (tail != "B" && tail != "IB"))) return {};
  const double bytes = number * std::pow(1024.0, static_cast<double>(power));
  if (bytes > 9e18) return {};
  return static_cast<int64_t>(bytes);
}

std::string format_bytes(double bytes) {
  constexpr double kMiB = 1024.0 * 1024.0;
  return bytes < 1024 * kMiB ? fmt::format("{:.1f} MiB", bytes / kMiB)
                             : fmt::format("{:.2f} GiB", bytes / (1024 * kMiB));
}

}  // namespace bertune
