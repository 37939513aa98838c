// SPDX-License-Identifier: Apache-2.0
// Special tokens are found in the raw text first; segment.h normalises the text between them and
// splits it into pieces.
#include "bertune/tokenizer.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <utility>

#include "bertune/error.h"
#include "text/segment.h"
#include "text/tokenizer_files.h"
#include "text/wordpiece.h"

namespace bertune {
namespace {

struct SpecialPiece {
  std::string_view text;
  int32_t SpecialTokens::*id;
};

constexpr std::array kSpecialPieces{
    SpecialPiece{"[PAD]", &SpecialTokens::pad}, SpecialPiece{"[UNK]", &SpecialTokens::unk},
    SpecialPiece{"[CLS]", &SpecialTokens::cls}, SpecialPiece{"[SEP]", &SpecialTokens::sep},
    SpecialPiece{"[MASK]", &SpecialTokens::mask}};

SpecialTokens find_special_ids(const std::vector<std::string>& vocabulary) {
  SpecialTokens special{-1, -1, -1, -1, -1};
  for (size_t id = 0; id < vocabulary.size(); ++id) {
    for (const auto& [text, member] : kSpecialPieces) {
      if (vocabulary[id] == text) special.*member = static_cast<int32_t>(id);
    }
  }
  for (const auto& [text, member] : kSpecialPieces) {
    if (special.*member >= 0) continue;
    throw Error(
        ErrorKind::kInput,
        fmt::format("a vocabulary of {} pieces has no {}", vocabulary.size(), text),
        "a BERT vocabulary contains [PAD], [UNK], [CLS], [SEP] and [MASK], one piece per line");
  }
  return special;
}

// A special token in the raw text; an empty range at the end of the text if there is none.
struct SpecialMatch {
  size_t begin;
  size_t end;
  int32_t id;
};

SpecialMatch find_special(std::string_view text, size_t from, const SpecialTokens& special) {
  for (size_t at = text.find('[', from); at != text.npos; at = text.find('[', at + 1)) {
    for (const auto& [piece, member] : kSpecialPieces) {
      if (text.substr(at).starts_with(piece)) return {at, at + piece.size(), special.*member};
    }
  }
  return {text.size(), text.size(), -1};
}

}  // namespace

struct Tokenizer::Impl {
  Impl(std::vector<std::string> pieces, Normalization how)
      : vocabulary(std::move(pieces)),
        normalization(how),
        special(find_special_ids(vocabulary)),
        rules(make_rules(vocabulary, how, special.unk)) {}

  static TextRules make_rules(const std::vector<std::string>& vocabulary, Normalization how,
                              int32_t unknown_id) {
    CharRules chars(how);
    const ByteRules bytes(chars);
    return {std::move(chars), bytes, WordPiece(vocabulary, unknown_id)};
  }

  std::vector<std::string> vocabulary;
  Normalization normalization;
  SpecialTokens special;
  TextRules rules;
};

Tokenizer::Tokenizer(std::vector<std::string> vocabulary, Normalization normalization)
    : impl_(std::make_unique<Impl>(std::move(vocabulary), normalization)) {}
Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

Tokenizer Tokenizer::load(const std::filesystem::path& folder, std::optional<bool> lower_case) {
  TokenizerFiles files = read_tokenizer_files(folder, lower_case);
  try {
    return Tokenizer(std::move(files.vocabulary), files.normalization);
  } catch (const Error& error) {
    throw error.at(files.vocabulary_path.string());
  }
}

void Tokenizer::tokenize(std::string_view text, std::vector<Token>& tokens) const {
  if (text.size() > std::numeric_limits<uint32_t>::max()) {
    throw Error(ErrorKind::kInput, fmt::format("a text of {} bytes is too long", text.size()),
                "split the text: offsets within a text are limited to 4 GiB");
  }
  for (size_t begin = 0; begin < text.size();) {
    const SpecialMatch match = find_special(text, begin, impl_->special);
    append_segment(impl_->rules, text.substr(0, match.begin), begin, tokens);
    if (match.id >= 0) {
      tokens.push_back(
          {match.id, static_cast<uint32_t>(match.begin), static_cast<uint32_t>(match.end)});
    }
    begin = match.end;
  }
}

const std::vector<std::string>& Tokenizer::vocabulary() const { return impl_->vocabulary; }
const SpecialTokens& Tokenizer::special() const { return impl_->special; }
const Normalization& Tokenizer::normalization() const { return impl_->normalization; }

}  // namespace bertune
