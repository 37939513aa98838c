// SPDX-License-Identifier: Apache-2.0
// Many texts to tokens on all cores.
#pragma once

#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace bertune {

// The tokens of each text, in order, whatever the number of threads.
std::vector<std::vector<Token>> tokenize_texts(const Tokenizer& tokenizer,
                                               const std::vector<std::string_view>& texts);

}  // namespace bertune
