// SPDX-License-Identifier: Apache-2.0
#include "console/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "base/log.h"

namespace bertune {

bool is_terminal() { return ::isatty(STDERR_FILENO) != 0; }

void print_message(std::string_view text) { write_stderr(text); }

const char* clear_line() { return is_terminal() ? "\r\033[K" : ""; }

size_t terminal_width() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col - 1u : 79u;
}

std::string clock_time(double seconds) {
  const auto total = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
}

bool RefreshedLine::is_due() const {
  constexpr std::chrono::milliseconds kPause(100);
  return !is_drawn_ || std::chrono::steady_clock::now() - last_drawn_ >= kPause;
}

void RefreshedLine::draw(const std::string& line) {
  last_drawn_ = std::chrono::steady_clock::now();
  is_drawn_ = true;
  print_stderr("\r\033[K{}", line.substr(0, terminal_width()));
}

void RefreshedLine::clear() {
  if (!std::exchange(is_drawn_, false)) return;
  print_stderr("\r\033[K");
}

}  // namespace bertune
