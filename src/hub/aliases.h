// SPDX-License-Identifier: Apache-2.0
// The user's own names for model folders: a file of lines "name = folder", in which '#' begins a
// comment line. Relies on base/io; resolve.h decides which names take precedence.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bertune {

struct Alias {
  std::string name;
  std::filesystem::path folder;  // resolved: "~/" is the home, else relative to the file
};

// The aliases in file order; empty if there is no file. Throws Error{kInput} with the line number,
// or Error{kSystem} if the file cannot be read.
std::vector<Alias> read_aliases(const std::filesystem::path& file);

}  // namespace bertune
