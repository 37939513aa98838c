// SPDX-License-Identifier: Apache-2.0
#include "cli/resume_command.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace bertune {
namespace {

std::string quoted(const std::string& argument) {
  const bool plain = !argument.empty() && std::all_of(argument.begin(), argument.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("_-./=:,@%+").find(c) != std::string_view::npos;
  });
  if (plain) return argument;
  std::string out = "'";
  for (const char c : argument) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

bool is_flag(const std::string& argument, std::string_view flag) {
  return argument == flag || argument.starts_with(std::string(flag) + "=");
}

}  // namespace

std::string resume_command(const std::vector<std::string>& command_line) {
  std::string command;
  for (size_t i = 0; i < command_line.size(); ++i) {
    const std::string& argument = command_line[i];
    if (is_flag(argument, "--resume-from") && argument.find('=') == argument.npos) ++i;
    if (is_flag(argument, "--resume-from") || is_flag(argument, "--resume") ||
        is_flag(argument, "--no-resume") || is_flag(argument, "--resume-anyway"))
      continue;
    command += quoted(argument) + " ";
  }
  return command + "--resume";
}

}  // namespace bertune
