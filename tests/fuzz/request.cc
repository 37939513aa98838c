// SPDX-License-Identifier: Apache-2.0
// "context - question" as users type it.
#include "fuzz/fuzz.h"
#include "tasks/context_question.h"
#include "text/utf8.h"

namespace bertune {

void fuzz(std::string_view input) {
  const std::string text = replace_invalid_utf8(input);
  const ContextQuestion parts = split_context_question(text);
  CHECK(!parts.context.empty() && !parts.question.empty());
  CHECK(parts.context.size() + parts.question.size() < text.size());
  CHECK(is_valid_utf8(parts.context) && is_valid_utf8(parts.question));
}

}  // namespace bertune
