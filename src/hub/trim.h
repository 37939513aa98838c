// SPDX-License-Identifier: Apache-2.0
// White space around a value of a header, a setting or a line of a file.
#pragma once

#include <string_view>

namespace bertune {

// `text` without the spaces, tabs and line ends around it.
inline std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace bertune
