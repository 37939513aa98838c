// SPDX-License-Identifier: Apache-2.0
// The user's own names for model folders: a file of lines "name = folder", '#' before a comment.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bertune {

struct Alias {
  std::string name;
  std::filesystem::path folder;  // as it is meant: "~/" is the home, else relative to the file
};

// In the order of the file; none when there is no file. Throws Error{kInput} that names the line,
// Error{kSystem} for a file that cannot be read.
std::vector<Alias> read_aliases(const std::filesystem::path& file);

}  // namespace bertune
