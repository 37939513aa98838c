// SPDX-License-Identifier: Apache-2.0
// Standard error as a terminal: a line that is refreshed, and how time is written on it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace bertune {

bool is_terminal();

// Writes the text to standard error at once. Where that is not possible (a full disk, a terminal
// that is gone) the text is lost and nothing else happens.
void print_message(std::string_view text);

// What begins a line over a refreshed one on a terminal; elsewhere empty.
const char* clear_line();

// Less the last column: a line that wraps cannot be refreshed.
size_t terminal_width();

std::string clock_time(double seconds);  // "1:02:03"

// It is taken away at the end, of whatever kind, so that messages begin on a line of their own.
class RefreshedLine {
 public:
  RefreshedLine() = default;
  ~RefreshedLine() { clear(); }
  RefreshedLine(const RefreshedLine&) = delete;
  RefreshedLine& operator=(const RefreshedLine&) = delete;

  bool is_due() const;  // more often than ten times a second, nobody sees
  void draw(const std::string& line);
  void clear();

 private:
  std::chrono::steady_clock::time_point last_drawn_;
  bool is_drawn_ = false;
};

}  // namespace bertune
