// SPDX-License-Identifier: Apache-2.0
#include "console/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace bertune {

std::vector<std::string> align(const std::vector<TableRow>& rows, size_t texts) {
  std::vector<size_t> widths;
  for (const TableRow& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::vector<std::string> lines;
  for (const TableRow& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += i < texts ? fmt::format("{:<{}}  ", row[i], widths[i])
                        : fmt::format("{:>{}}  ", row[i], widths[i]);
    }
    lines.push_back(line.substr(0, line.find_last_not_of(' ') + 1));
  }
  return lines;
}

std::string format_percent(double share) { return fmt::format("{:.1f}%", 100.0 * share); }

std::string format_rate(double flop, double bytes, double seconds) {
  if (seconds <= 0.0) return "";
  return flop > 0.0 ? fmt::format("{:.1f} GFLOP/s", 1e-9 * flop / seconds)
                    : fmt::format("{:.1f} GB/s", 1e-9 * bytes / seconds);
}

std::vector<std::string> profile_lines(const Profile& profile) {
  std::vector<TableRow> rows = {{"op", "place", "calls", "ms", "share", "rate"}};
  const auto add = [&](std::string op, std::string place, int64_t calls, double seconds) {
    rows.push_back({std::move(op), std::move(place), fmt::format("{}", calls),
                    fmt::format("{:.1f}", 1e3 * seconds),
                    format_percent(seconds / profile.step_seconds)});
  };
  for (const ProfileRow& row : profile.rows) {
    add(row.op, row.place, row.calls, row.seconds);
    rows.back().push_back(format_rate(row.flop, row.bytes, row.seconds));
  }
  add("outside ops", "", profile.steps, profile.outside_ops());
  add("steps", "", profile.steps, profile.step_seconds);
  return align(rows, 2);
}

}  // namespace bertune
