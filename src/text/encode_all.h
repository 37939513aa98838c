// SPDX-License-Identifier: Apache-2.0
// Tokenizes many texts on all cores. Relies on base/parallel and tokenizer.h, whose tokenize() may
// be called from several threads.
#pragma once

#include <string_view>
#include <vector>

#include "bertune/tokenizer.h"

namespace bertune {

// The tokens of each text, in the order of `texts`. The result does not depend on the thread count.
std::vector<std::vector<Token>> tokenize_texts(const Tokenizer& tokenizer,
                                               const std::vector<std::string_view>& texts);

}  // namespace bertune
