// SPDX-License-Identifier: Apache-2.0
// The ranges of tokens in code points, the unit of the public Encoding (bertune/tokenizer.h), whose
// functions encode.cc implements.
#pragma once

#include <string_view>
#include <vector>

#include "bertune/tokenizer.h"

namespace bertune {

// The ranges of `tokens` in code points of `text`, computed in one pass.
std::vector<CodePointRange> code_point_ranges(std::string_view text,
                                              const std::vector<Token>& tokens);

}  // namespace bertune
