// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as text for the tokenizer; the first byte selects its rules. Tokens have ids of
// the vocabulary and ranges inside the text, on code-point boundaries and in order.
#include "bertune/tokenizer.h"

#include <array>
#include <optional>

#include "fuzz/fuzz.h"
#include "fuzz/text_for_test.h"
#include "text/encode.h"
#include "text/utf8.h"

namespace bertune {
namespace {

const Tokenizer& tokenizer_of(unsigned char choice) {
  static std::array<std::optional<Tokenizer>, 8> made;
  std::optional<Tokenizer>& tokenizer = made[choice % made.size()];
  if (!tokenizer) {
    tokenizer.emplace(small_vocabulary(), Normalization{.lower_case = (choice & 1) != 0,
                                                        .strip_accents = (choice & 2) != 0,
                                                        .space_chinese = (choice & 4) != 0});
  }
  return *tokenizer;
}

bool begins_code_point(std::string_view text, size_t byte) {
  return byte == text.size() || (static_cast<unsigned char>(text[byte]) & 0xC0) != 0x80;
}

void check_tokens(std::string_view text, const std::vector<Token>& tokens, size_t pieces) {
  Token last{0, 0, 0};
  for (const Token& token : tokens) {
    CHECK(token.id >= 0 && static_cast<size_t>(token.id) < pieces);
    CHECK(token.begin < token.end && token.end <= text.size());
    CHECK(begins_code_point(text, token.begin) && begins_code_point(text, token.end));
    CHECK(last.begin <= token.begin && last.end <= token.end);
    last = token;
  }
}

}  // namespace

void fuzz(std::string_view input) {
  if (input.empty()) return;
  const Tokenizer& tokenizer = tokenizer_of(static_cast<unsigned char>(input[0]));
  const std::string text = replace_invalid_utf8(input.substr(1));
  std::vector<Token> tokens;
  tokenizer.tokenize(text, tokens);
  check_tokens(text, tokens, tokenizer.vocabulary().size());
  const Encoding encoding = encode(tokenizer, text);
  CHECK(encoding.ids.size() == tokens.size() + 2);
  for (size_t i = 0; i < tokens.size(); ++i) {
    const CodePointRange range = encoding.offsets[i + 1];
    CHECK(byte_of_code_point(text, range.begin) == tokens[i].begin);
    CHECK(byte_of_code_point(text, range.end) == tokens[i].end);
  }
  // Invalid UTF-8 violates the contract but must stay harmless.
  tokens.clear();
  tokenizer.tokenize(input.substr(1), tokens);
}

}  // namespace bertune
