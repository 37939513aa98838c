// SPDX-License-Identifier: Apache-2.0
// Standard error as a terminal: a refreshed line, and the format of times on it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace bertune {

bool is_terminal();

// Writes the text to standard error immediately. If that fails (full disk, closed terminal), the
// text is dropped.
void print_message(std::string_view text);

// The prefix of a line that overwrites a refreshed one on a terminal; empty if there is no
// terminal.
const char* clear_line();

// Columns of the terminal without the last, because a line that wraps cannot be refreshed.
size_t terminal_width();

std::string clock_time(double seconds);  // "1:02:03"

// The destructor clears the line, so that messages after it start on a line of their own.
class RefreshedLine {
 public:
  RefreshedLine() = default;
  ~RefreshedLine() { clear(); }
  RefreshedLine(const RefreshedLine&) = delete;
  RefreshedLine& operator=(const RefreshedLine&) = delete;

  bool is_due() const;  // at most ten times a second
  void draw(const std::string& line);
  void clear();

 private:
  std::chrono::steady_clock::time_point last_drawn_;
  bool is_drawn_ = false;
};

}  // namespace bertune
