// SPDX-License-Identifier: Apache-2.0
// The progress bar of a download.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/stopwatch.h"
#include "bertune/fetch.h"
#include "console/terminal.h"

namespace bertune {
namespace {

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

class Bar {
 public:
  void draw(const FetchProgress& progress) {
    if (!line_.is_due()) return;
    if (!watch_) watch_.emplace();
    const double seconds = std::max(watch_->seconds(), 0.1);  // the first bytes arrive immediately
    line_.draw(fetch_line(progress, static_cast<double>(progress.received) / seconds));
  }
  void clear() { line_.clear(); }

 private:
  RefreshedLine line_;
  std::optional<Stopwatch> watch_;  // started at the first bytes
};

}  // namespace

FetchSink console_fetching() {
  if (!is_terminal()) return {};
  return [bar = std::make_shared<Bar>()](const FetchProgress& progress) {
    bar->draw(progress);
    if (progress.bytes == progress.total) bar->clear();
  };
}

}  // namespace bertune
