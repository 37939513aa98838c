// SPDX-License-Identifier: Apache-2.0
#include "datasets/squad/squad.h"

#include <algorithm>
#include <utility>

#include "text/chinese.h"
#include "text/utf8.h"

namespace bertune {

void SquadInfo::add(const SquadData& part) {
  examples += static_cast<int64_t>(part.examples.size());
  answered += std::count_if(part.examples.begin(), part.examples.end(),
                            [](const SquadExample& example) { return !example.answers.empty(); });
  for (const SquadExample& example : part.examples) {
    for (const GoldAnswer& answer : example.answers) add_characters(answer.text);
  }
}

void SquadInfo::add_characters(std::string_view answer) {
  for (size_t i = 0; i < answer.size(); ++answer_characters) {
    const DecodedCodePoint c = decode_code_point(answer, i);
    answer_chinese += is_chinese(c.value);
    answer_spaces += c.value == ' ';
    i += c.bytes;
  }
}

void add_question(SquadData& data, std::string id, std::string_view context,
                  std::string_view question) {
  data.examples.push_back({.id = std::move(id),
                           .question = replace_invalid_utf8(question),
                           .context = static_cast<int32_t>(data.contexts.size()),
                           .answers = {}});
  data.contexts.push_back(replace_invalid_utf8(context));
}

}  // namespace bertune
