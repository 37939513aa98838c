// SPDX-License-Identifier: Apache-2.0
// Splits one string into two texts at a dash, such as a context and a question: "My name is
// Wolfgang and I live in Berlin - Where do I live?".
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "bertune/results.h"

namespace bertune {

// The names of the two sides in errors.
struct SideNames {
  const char* first;
  const char* second;
};

// Splits at the last dash between spaces; without one, at the only dash. Hyphen, en dash and em
// dash count alike. Throws Error{kInput} for a text without a dash, with several dashes of which
// none is between spaces, or with an empty side. The text must be valid UTF-8.
std::pair<std::string, std::string> split_at_dash(std::string_view text, const SideNames& names);

ContextQuestion split_context_question(std::string_view text);

}  // namespace bertune
