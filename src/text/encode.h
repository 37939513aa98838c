// SPDX-License-Identifier: Apache-2.0
// Ranges of tokens in code points, in which the public Encoding counts; encode.cc implements its
// functions.
#pragma once

#include <string_view>
#include <vector>

#include "bertune/tokenizer.h"

namespace bertune {

// The ranges of `tokens` in code points of `text`, computed in one pass.
std::vector<CodePointRange> code_point_ranges(std::string_view text,
                                              const std::vector<Token>& tokens);

}  // namespace bertune
