// SPDX-License-Identifier: Apache-2.0
// "My name is Wolfgang and I live in Berlin - Where do I live?": a context and a question, or two
// other texts, that stand in one string.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "bertune/results.h"

namespace bertune {

// What errors call the two sides.
struct SideNames {
  const char* first;
  const char* second;
};

// Splits at the last dash between spaces; without one, at the only dash. Hyphen, en dash and em
// dash count alike. Throws Error{kInput} for a text without a dash, with several of which none
// stands between spaces, or with an empty side. The text must be valid UTF-8.
std::pair<std::string, std::string> split_at_dash(std::string_view text, const SideNames& names);

ContextQuestion split_context_question(std::string_view text);

}  // namespace bertune
