// SPDX-License-Identifier: Apache-2.0
// Log messages for people, on standard error: what was decided and why. Results are never logged. A
// thin layer over spdlog, so that the rest of the code does not depend on it.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace bertune {

enum class LogLevel { kInfo, kWarning };

void log_message(LogLevel level, std::string_view message);

template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log_message(LogLevel::kInfo, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  log_message(LogLevel::kWarning, fmt::format(format, std::forward<Args>(args)...));
}

// Writes the text as it is, unbuffered. If standard error cannot be written (a full disk, a closed
// terminal), the text is lost without an error, because a run is worth more than its log.
void write_stderr(std::string_view text);

template <typename... Args>
void print_stderr(fmt::format_string<Args...> format, Args&&... args) {
  write_stderr(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace bertune
