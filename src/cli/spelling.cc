// SPDX-License-Identifier: Apache-2.0
#include "cli/spelling.h"

#include <algorithm>

namespace bertune {

std::string flag(std::string_view name, std::optional<std::string_view> value) {
  std::string words(name);
  std::replace(words.begin(), words.end(), '_', '-');
  if (value == "false") return "--no-" + words;
  if (!value || value == "true") return "--" + words;
  return "--" + words + " " + std::string(*value);
}

}  // namespace bertune
