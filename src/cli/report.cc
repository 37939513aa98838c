// SPDX-License-Identifier: Apache-2.0
#include "cli/report.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/table.h"
#include "tasks/python_text.h"

namespace bertune {
namespace {

using Json = nlohmann::ordered_json;

std::string clock_time(double seconds) {
  const auto total = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
}

std::string step_line(const StepReport& report) {
  return fmt::format(
      "Epoch:[{:3}/{:3}], step:[{:5}/{:5}], loss:[{:.3f}/{:.3f}], time:{:.1f} ms, lr:{:.1e}, "
      "{:.1f} windows/s, {:.0f} tokens/s, left:{}",
      report.epoch, report.epochs, report.step, report.epoch_steps, report.loss, report.mean_loss,
      report.seconds * 1e3, report.learning_rate, report.windows_per_second,
      report.tokens_per_second, clock_time(report.seconds_left));
}

// One line for a terminal: bar and time left come first, because what does not fit is cut off. A
// line that wrapped could not be refreshed.
std::string terminal_line(const StepReport& report) {
  constexpr int kBar = 20;
  const int64_t done = (report.epoch - 1) * report.epoch_steps + report.step;
  const int filled = static_cast<int>(kBar * done / (report.epochs * report.epoch_steps));
  const std::string line =
      fmt::format("[{}{}] left:{} {}", std::string(filled, '#'), std::string(kBar - filled, '.'),
                  clock_time(report.seconds_left), step_line(report));
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return line.substr(0, known ? size.ws_col - 1 : 79);
}

void print_table(const SettingsTable& table) {
  size_t width = 0;
  for (const auto& [name, value] : table) width = std::max(width, name.size());
  for (const auto& [name, value] : table) {
    fmt::print(stderr, "  {:<{}}  {}\n", name, width, value);
  }
}

enum class Style { kJson, kPython };

std::string quoted(const std::string& text, Style style) {
  if (style == Style::kJson) return Json(text).dump();
  const bool only_single = text.find('\'') != text.npos && text.find('"') == text.npos;
  const char quote = only_single ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      if (c == quote || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + quote;
}

// A value of lists, objects, texts and numbers. Numbers are printed by python_repr in both styles,
// because nlohmann's dump() is one digit too long for some.
std::string print(const Json& value, Style style) {
  if (value.is_string()) return quoted(value.get_ref<const std::string&>(), style);
  if (value.is_number_float()) return python_repr(value.get<double>());
  if (!value.is_structured()) return value.dump();
  std::string out;
  for (const auto& [key, item] : value.items()) {
    if (!out.empty()) out += ", ";
    if (value.is_object()) out += quoted(key, style) + ": ";
    out += print(item, style);
  }
  return value.is_object() ? "{" + out + "}" : "[" + out + "]";
}

Json metrics_object(const Metrics& metrics) {
  Json object = Json::object();
  for (const auto& [name, value] : metrics) {
    if (name.ends_with("total")) {
      object[name] = static_cast<int64_t>(value);  // a count, printed as one
    } else {
      object[name] = value;
    }
  }
  return object;
}

Json answers_array(const std::vector<std::vector<QaAnswer>>& answers, int64_t top_k) {
  Json all = Json::array();
  for (const std::vector<QaAnswer>& of_input : answers) {
    Json list = Json::array();
    for (const QaAnswer& answer : of_input) {
      list.push_back({{"text", answer.text},
                      {"score", answer.score},
                      {"start", answer.start},
                      {"end", answer.end}});
    }
    all.push_back(top_k == 1 ? list.at(0) : list);
  }
  return all;
}

}  // namespace

TrainEvents console_events(int64_t log_steps) {
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  TrainEvents events;
  events.started = print_table;
  events.step = [=](const StepReport& report) {
    if (terminal) {
      fmt::print(stderr, "\r\033[K{}", terminal_line(report));
      std::fflush(stderr);
    } else if (report.step % log_steps == 0 || report.step == report.epoch_steps) {
      fmt::print(stderr, "{}\n", step_line(report));
    }
  };
  events.epoch = [=](const EpochReport& report) {
    fmt::print(stderr, "{}Epoch:[{}/{}] took {}, {:.1f} ms a step, mean loss {:.4f}\n",
               terminal ? "\n" : "", report.epoch, report.epochs, clock_time(report.seconds),
               report.mean_step_seconds * 1e3, report.mean_loss);
  };
  events.saved = [=](const std::filesystem::path& path) {
    fmt::print(stderr, "{}checkpoint saved: {}\n", terminal ? "\r\033[K" : "", path.string());
  };
  events.profiled = [](const Profile& profile) {
    for (const std::string& line : profile_lines(profile)) fmt::print(stderr, "{}\n", line);
  };
  events.evaluated = [](const Metrics& metrics) {
    fmt::print(stderr, "{}\n", metrics_line(metrics));
  };
  return events;
}

std::string metrics_line(const Metrics& metrics) {
  return "QA Metric = " + print(metrics_object(metrics), Style::kPython);
}

std::string metrics_json(const Metrics& metrics) {
  return print(Json{{"QA Metric", metrics_object(metrics)}}, Style::kJson);
}

std::string answers_json(const std::vector<std::vector<QaAnswer>>& answers, int64_t top_k) {
  return print(answers_array(answers, top_k), Style::kJson);
}

std::string answers_line(const std::vector<std::vector<QaAnswer>>& answers, int64_t top_k) {
  return "output result is: " + print(answers_array(answers, top_k), Style::kPython);
}

void print_error(const Error& error) {
  fmt::print(stderr, "error: {}\n", error.message());
  if (!error.hint().empty()) fmt::print(stderr, "hint: {}\n", error.hint());
}

}  // namespace bertune
