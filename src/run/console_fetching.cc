// The bar of a transfer. SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "bertune/fetch.h"
#include "run/terminal.h"

namespace bertune {
namespace {

using Clock = std::chrono::steady_clock;

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

// The line on the terminal. It is taken away at the end, of whatever kind, so that messages begin
// on a line of their own.
class Bar {
 public:
  Bar() = default;
  ~Bar() { clear(); }
  Bar(const Bar&) = delete;
  Bar& operator=(const Bar&) = delete;

  void draw(const FetchProgress& progress) {
    constexpr double kPause = 0.1;  // seconds; more often, nobody sees
    if (is_drawn_ && seconds_since(last_drawn_) < kPause) return;
    last_drawn_ = Clock::now();
    if (!begin_) begin_ = last_drawn_;
    is_drawn_ = true;
    const double seconds = std::max(seconds_since(*begin_), kPause);
    const double speed = static_cast<double>(progress.received) / seconds;
    fmt::print(stderr, "\r\033[K{}", fetch_line(progress, speed).substr(0, terminal_width()));
    std::fflush(stderr);
  }

  void clear() {
    if (!std::exchange(is_drawn_, false)) return;
    fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
  }

 private:
  std::optional<Clock::time_point> begin_;
  Clock::time_point last_drawn_;
  bool is_drawn_ = false;
};

}  // namespace

FetchSink console_fetching() {
  if (::isatty(STDERR_FILENO) == 0) return {};
  return [bar = std::make_shared<Bar>()](const FetchProgress& progress) {
    bar->draw(progress);
    if (progress.bytes == progress.total) bar->clear();
  };
}

}  // namespace bertune
