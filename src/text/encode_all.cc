// SPDX-License-Identifier: Apache-2.0
#include "text/encode_all.h"

#include "base/parallel.h"

namespace bertune {

constexpr int64_t kTextsInBlock = 64;

std::vector<std::vector<Token>> tokenize_texts(const Tokenizer& tokenizer,
                                               const std::vector<std::string_view>& texts) {
  std::vector<std::vector<Token>> tokens(texts.size());
  parallel_for(static_cast<int64_t>(texts.size()), kTextsInBlock, [&](int64_t begin, int64_t end) {
    std::vector<Token> pieces;  // reused within a block, so that each result has no spare capacity
    for (int64_t i = begin; i < end; ++i) {
      pieces.clear();
      tokenizer.tokenize(texts[i], pieces);
      tokens[i].assign(pieces.begin(), pieces.end());
    }
  });
  return tokens;
}

}  // namespace bertune
