// SPDX-License-Identifier: Apache-2.0
// tokenizer.json, and the same bytes as tokenizer_config.json: the size of a vocabulary is bounded
// by the size of its file.
#include "text/tokenizer_json.h"

#include "fuzz/fuzz.h"
#include "text/wordpiece.h"

namespace bertune {

void fuzz(std::string_view input) {
  const std::filesystem::path path = put_input("tokenizer.json", input);
  accepts([&] { read_tokenizer_config(path); });
  const TokenizerJson tokenizer = read_tokenizer_json(path);
  CHECK(!tokenizer.vocabulary.empty());
  const PieceTrie trie(tokenizer.vocabulary);
}

}  // namespace bertune
