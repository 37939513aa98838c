// The bar of a transfer. SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>

#include "bertune/fetch.h"
#include "run/terminal.h"

namespace bertune {
namespace {

using Clock = std::chrono::steady_clock;

// When the bar was first and last drawn, and how many bytes were there at first: what an earlier
// attempt brought says nothing of the speed now.
struct Pace {
  std::optional<Clock::time_point> begin;
  Clock::time_point last_drawn;
  int64_t first_bytes = 0;
};

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// [#####...............] 110.2/440.4 MB, 31.2 MB/s, left:0:00:10 org/name model.safetensors
std::string fetch_line(const FetchProgress& progress, double bytes_per_second) {
  constexpr int64_t kBar = 20;
  const int64_t total = std::max<int64_t>(progress.total, 1);
  const auto filled = static_cast<size_t>(kBar * progress.bytes / total);
  const auto left = static_cast<double>(progress.total - progress.bytes);
  return fmt::format("[{}{}] {:.1f}/{:.1f} MB, {:.1f} MB/s, left:{} {} {}",
                     std::string(filled, '#'), std::string(kBar - filled, '.'),
                     1e-6 * static_cast<double>(progress.bytes),
                     1e-6 * static_cast<double>(progress.total), 1e-6 * bytes_per_second,
                     bytes_per_second > 0 ? clock_time(left / bytes_per_second) : "?",
                     progress.model, progress.file);
}

void draw(const FetchProgress& progress, Pace& pace) {
  constexpr double kPause = 0.1;  // seconds; more often, nobody sees
  const bool is_last = progress.bytes == progress.total;
  if (!pace.begin) {
    pace = {.begin = Clock::now(), .last_drawn = {}, .first_bytes = progress.bytes};
  } else if (!is_last && seconds_since(pace.last_drawn) < kPause) {
    return;
  }
  pace.last_drawn = Clock::now();
  const double seconds = std::max(seconds_since(*pace.begin), 1e-3);
  const double speed = static_cast<double>(progress.bytes - pace.first_bytes) / seconds;
  fmt::print(stderr, "\r\033[K{}", fetch_line(progress, speed).substr(0, terminal_width()));
  if (is_last) fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
}

}  // namespace

FetchSink console_fetching() {
  if (::isatty(STDERR_FILENO) == 0) return {};
  return
      [pace = std::make_shared<Pace>()](const FetchProgress& progress) { draw(progress, *pace); };
}

}  // namespace bertune
