// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <memory>

namespace bertune {
namespace {

spdlog::logger& logger() {
  // A function-local static because spdlog owns the sink's lock; created at the first message.
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    auto made = std::make_shared<spdlog::logger>("bertune", std::move(sink));
    made->set_pattern("%^[%l]%$ %v");
    return made;
  }();
  return *instance;
}

}  // namespace

void log_message(LogLevel level, std::string_view message) {
  logger().log(level == LogLevel::kInfo ? spdlog::level::info : spdlog::level::warn, "{}", message);
}

void write_stderr(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace bertune
