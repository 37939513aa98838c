// SPDX-License-Identifier: Apache-2.0
#include "tasks/fill_mask/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/check.h"
#include "base/json.h"
#include "bertune/error.h"
#include "tasks/logits.h"
#include "text/python_text.h"
#include "text/utf8.h"

namespace bertune {
namespace {

bool is_special(const SpecialTokens& special, int32_t id) {
  return id == special.pad || id == special.unk || id == special.cls || id == special.sep ||
         id == special.mask;
}

bool follows_without_space(std::string_view piece) {
  constexpr std::array<std::string_view, 9> kBeginnings{".",  "?",  "!",   ",",  "n't",
                                                        "'m", "'s", "'ve", "'re"};
  return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view beginning) { return piece.starts_with(beginning); });
}

// The ids of a window with a word in place of a [MASK]. Padding is left out, because it is not
// text, neither in the input nor as a prediction.
std::vector<int32_t> fill_in(std::span<const int32_t> ids, size_t position, int32_t word,
                             int32_t pad) {
  std::vector<int32_t> filled(ids.begin(), ids.end());
  filled[position] = word;
  std::erase(filled, pad);
  return filled;
}

std::vector<int32_t> best_words(std::span<const float> logits, const MaskChoice& choice) {
  if (choice.targets.empty()) return highest(logits, choice.top_k);
  std::vector<float> of_targets;
  for (const int32_t id : choice.targets) {
    CHECK(static_cast<size_t>(id) < logits.size());
    of_targets.push_back(logits[id]);
  }
  std::vector<int32_t> best;
  for (const int32_t i : highest(of_targets, choice.top_k)) best.push_back(choice.targets[i]);
  return best;
}

int32_t target_id(const Tokenizer& tokenizer, std::string_view word) {
  const std::vector<std::string>& vocabulary = tokenizer.vocabulary();
  const auto entry = std::find(vocabulary.begin(), vocabulary.end(), word);
  if (entry != vocabulary.end()) return static_cast<int32_t>(entry - vocabulary.begin());
  std::vector<Token> tokens;
  tokenizer.tokenize(word, tokens);
  if (tokens.size() == 1 && tokens[0].id != tokenizer.special().unk) return tokens[0].id;
  throw Error(
      ErrorKind::kUsage,
      fmt::format("the target '{}' is {}", excerpt(word),
                  tokens.size() > 1 ? fmt::format("{} tokens", tokens.size())
                                    : std::string("not in the vocabulary")),
      option("targets") + " must be single-token words, because [MASK] stands for one token");
}

}  // namespace

std::vector<int32_t> parse_targets(const Tokenizer& tokenizer, std::string_view list) {
  const std::string text = replace_invalid_utf8(list);
  std::set<int32_t> ids;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    ids.insert(
        target_id(tokenizer, python_strip(std::string_view(text).substr(begin, end - begin))));
    begin = end + 1;
  }
  return {ids.begin(), ids.end()};
}

std::string join_pieces(const Tokenizer& tokenizer, std::span<const int32_t> ids,
                        bool with_special_tokens) {
  std::string text;
  bool first = true;
  for (const int32_t id : ids) {
    const bool special = is_special(tokenizer.special(), id);
    if (special && !with_special_tokens) continue;
    std::string_view piece = tokenizer.vocabulary()[id];
    if (!first && piece.starts_with("##")) {
      piece.remove_prefix(2);
    } else if (!first && !follows_without_space(piece)) {
      text += ' ';
    }
    text += piece;
    first = false;
  }
  return text;
}

std::vector<FilledMask> fill_mask(const Tokenizer& tokenizer, std::span<const int32_t> ids,
                                  size_t position, std::span<const float> logits,
                                  const MaskChoice& choice) {
  // Rows of a padded word table take part in the softmax, as in transformers, but are no words.
  const auto words_only = logits.first(std::min(logits.size(), tokenizer.vocabulary().size()));
  const int32_t mask = tokenizer.special().mask;
  CHECK(ids[position] == mask);
  const bool several = std::count(ids.begin(), ids.end(), mask) > 1;
  const std::vector<double> scores = softmax(logits);
  std::vector<FilledMask> words;
  for (const int32_t id : best_words(words_only, choice)) {
    const std::vector<int32_t> filled = fill_in(ids, position, id, tokenizer.special().pad);
    words.push_back({.score = scores[id],
                     .token = id,
                     .token_str = join_pieces(tokenizer, std::span(&id, 1), true),
                     .sequence = join_pieces(tokenizer, filled, several)});
  }
  return words;
}

std::vector<std::span<const Prediction>> split_by_mask(const std::vector<Prediction>& predictions) {
  const auto mask_of = [&](size_t i) {
    const auto* word = std::get_if<FilledMask>(&predictions[i]);
    return word != nullptr ? word->mask : 0;
  };
  const std::span<const Prediction> all(predictions);
  std::vector<std::span<const Prediction>> parts;
  size_t begin = 0;
  for (size_t i = 1; i < all.size(); ++i) {
    if (mask_of(i) == mask_of(begin)) continue;
    parts.push_back(all.subspan(begin, i - begin));
    begin = i;
  }
  parts.push_back(all.subspan(begin));
  return parts;
}

}  // namespace bertune
