// SPDX-License-Identifier: Apache-2.0
#include "hub/aliases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <system_error>

#include "base/io.h"
#include "bertune/error.h"
#include "hub/trim.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

fs::path meant_folder(const std::string& text, const fs::path& file) {
  const char* const home = std::getenv("HOME");
  if (text.starts_with("~/") && home != nullptr) return fs::path(home) / text.substr(2);
  return file.parent_path() / text;  // an absolute path stays unchanged
}

Alias parse(std::string_view line, const fs::path& file, int number) {
  const size_t equals = line.find('=');
  Alias alias;
  if (equals != line.npos) {
    alias = {std::string(trim(line.substr(0, equals))), std::string(trim(line.substr(equals + 1)))};
  }
  if (alias.name.empty() || alias.folder.empty() || alias.name.find('/') != alias.name.npos) {
    throw Error(ErrorKind::kInput,
                fmt::format("'{}' line {} is not of the form 'name = folder': {}", file.string(),
                            number, line),
                "write each line as: name = /path/of/the/folder; a name has no slash");
  }
  alias.folder = meant_folder(alias.folder.string(), file);
  return alias;
}

}  // namespace

std::vector<Alias> read_aliases(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return {};
  std::vector<Alias> aliases;
  std::istringstream lines(read_file(file));
  std::string text;
  for (int number = 1; std::getline(lines, text); ++number) {
    const std::string_view line = trim(text);
    if (line.empty() || line.front() == '#') continue;
    Alias alias = parse(line, file, number);
    const auto same = [&](const Alias& other) { return other.name == alias.name; };
    if (std::any_of(aliases.begin(), aliases.end(), same)) {
      throw Error(ErrorKind::kInput,
                  fmt::format("'{}' line {} defines the name '{}' again", file.string(), number,
                              alias.name),
                  "remove one of the lines");
    }
    aliases.push_back(std::move(alias));
  }
  return aliases;
}

}  // namespace bertune
