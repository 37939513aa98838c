// SPDX-License-Identifier: Apache-2.0
#include "tasks/token_classification/windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/log.h"
#include "base/parallel.h"
#include "bertune/error.h"

namespace bertune {
namespace {

constexpr int64_t kTextsInBlock = 64;

int32_t room_of(const WindowLimits& limits) {
  const int32_t room = limits.max_seq_length - 2;
  if (limits.doc_stride >= 0 && limits.doc_stride < room) return room;
  throw Error(ErrorKind::kUsage,
              fmt::format("windows of {} tokens cannot overlap by {}: beside two special ones, {} "
                          "are left",
                          limits.max_seq_length, limits.doc_stride, std::max(room, 0)),
              "the overlap must be at least 0 and below the rest: lower " + option("doc_stride") +
                  " or raise " + option("max_seq_length"));
}

// The windows of a text of `count` tokens: begin, end.
std::vector<std::pair<int32_t, int32_t>> cut(int32_t count, int32_t room, int32_t overlap) {
  std::vector<std::pair<int32_t, int32_t>> parts;
  for (int32_t begin = 0;; begin += room - overlap) {
    parts.emplace_back(begin, std::min(begin + room, count));
    if (parts.back().second == count) return parts;
  }
}

// The part from `from` on in which `token` has the most tokens on the side with fewer; the first of
// equal ones.
size_t best_part(std::span<const std::pair<int32_t, int32_t>> parts, size_t from, int32_t token) {
  size_t best = from;
  int32_t most = -1;
  for (size_t p = from; p < parts.size() && parts[p].first <= token; ++p) {
    const int32_t around = std::min(token - parts[p].first, parts[p].second - 1 - token);
    if (around > most) {
      most = around;
      best = p;
    }
  }
  return best;
}

[[noreturn]] void fail_unknown(const TaggedData& data, const TaggedText& text, int32_t word,
                               const std::string& tag, const Labels& labels) {
  const WordRange& range = text.words[static_cast<size_t>(word)];
  const auto written = std::string_view(text.text).substr(range.begin, range.end - range.begin);
  throw Error(
      ErrorKind::kInput,
      fmt::format("'{}', text at {}: the tag {} of '{}' is not one of {}", data.path.string(),
                  text.place, excerpt(tag), excerpt(written), excerpt_list(labels)),
      "the labels are those of " + option("labels") +
          " or of the model's config.json (id2label); correct the tags, or train a new "
          "head for the tags of the data with " +
          option("new_head", "true"));
}

// From tags to indices of labels, whose tags may be spelled as in BILOU or BMES.
class TagIndex {
 public:
  explicit TagIndex(const Labels& labels) {
    for (size_t i = 0; i < labels.size(); ++i)
      index_.emplace(usual_spelling(labels[i]), static_cast<int32_t>(i));
  }
  int32_t find(const std::string& tag) const {
    const auto found = index_.find(tag);
    return found == index_.end() ? -1 : found->second;
  }

 private:
  std::map<std::string, int32_t> index_;
};

void require_outside(const TagIndex& index, const std::string& tag) {
  if (tag != "O" || index.find(tag) >= 0) return;
  throw Error(ErrorKind::kInput, "the labels do not include O",
              "add O; it is the label of words outside entities");
}

}  // namespace

struct TokenWindowMaker::TextTokens {
  std::vector<Token> tokens;
  std::vector<int32_t> first_tokens;  // [words] index into tokens; -1: the word has none
};

TokenWindowMaker::TokenWindowMaker(const Tokenizer& tokenizer, const WindowLimits& limits)
    : tokenizer_(tokenizer), room_(room_of(limits)), overlap_(limits.doc_stride) {}

TokenWindowMaker::TextTokens TokenWindowMaker::tokenize_words(const Tokenizer& tokenizer,
                                                              const TaggedText& text) {
  TextTokens result;
  for (const WordRange& word : text.words) {
    const size_t before = result.tokens.size();
    tokenizer.tokenize(std::string_view(text.text).substr(word.begin, word.end - word.begin),
                       result.tokens);
    for (size_t i = before; i < result.tokens.size(); ++i) {
      result.tokens[i].begin += word.begin;
      result.tokens[i].end += word.begin;
    }
    const bool none = result.tokens.size() == before;
    result.first_tokens.push_back(none ? -1 : static_cast<int32_t>(before));
  }
  return result;
}

std::vector<TokenWindowMaker::TextTokens> TokenWindowMaker::tokenize_all(
    const TaggedData& data) const {
  std::vector<TextTokens> texts(data.texts.size());
  parallel_for(static_cast<int64_t>(texts.size()), kTextsInBlock, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) texts[i] = tokenize_words(tokenizer_, data.texts[i]);
  });
  return texts;
}

TokenWindows TokenWindowMaker::make(const TaggedData& data) {
  TokenWindows windows;
  windows.set.special = tokenizer_.special();
  windows.words_begin.push_back(0);
  for (TextTokens& text : tokenize_all(data)) add(std::move(text), windows);
  texts_ += static_cast<int64_t>(data.texts.size());
  return windows;
}

void TokenWindowMaker::add(TextTokens text, TokenWindows& windows) {
  const auto index = static_cast<int32_t>(windows.set.texts.size());
  const auto parts = cut(static_cast<int32_t>(text.tokens.size()), room_, overlap_);
  over_several_ += parts.size() > 1;
  std::vector<std::vector<WordRow>> words(parts.size());
  size_t first = 0;  // the first part that contains the token
  for (size_t word = 0; word < text.first_tokens.size(); ++word) {
    const int32_t token = text.first_tokens[word];
    without_tokens_ += token < 0;
    if (token < 0) continue;
    while (parts[first].second <= token) ++first;
    const size_t part = best_part(parts, first, token);
    words[part].push_back({static_cast<int32_t>(word), token - parts[part].first + 1});
  }
  for (size_t p = 0; p < parts.size(); ++p) {
    windows.set.windows.push_back({.example = index,
                                   .first = index,
                                   .first_length = parts[p].second - parts[p].first,
                                   .first_begin = parts[p].first});
    windows.words.insert(windows.words.end(), words[p].begin(), words[p].end());
    windows.words_begin.push_back(static_cast<int64_t>(windows.words.size()));
  }
  windows.set.texts.push_back(std::move(text.tokens));
}

void TokenWindowMaker::report() const {
  if (over_several_ > 0) {
    log_info("{} of {} texts are longer than a window and have several", over_several_, texts_);
  }
  if (without_tokens_ > 0) {
    log_warning("{} words have no tokens (control characters, for example)", without_tokens_);
  }
}

TokenWindows make_token_windows(const Tokenizer& tokenizer, const TaggedData& data,
                                const WindowLimits& limits) {
  TokenWindowMaker maker(tokenizer, limits);
  TokenWindows windows = maker.make(data);
  maker.report();
  return windows;
}

std::vector<std::vector<int32_t>> tag_targets(const TaggedData& data, const TokenWindows& windows,
                                              const Labels& labels) {
  const TagIndex index(labels);
  const TagScheme scheme = scheme_of(labels);
  std::vector<std::vector<int32_t>> targets;
  std::vector<std::string> tags;
  for (size_t w = 0; w < windows.set.windows.size(); ++w) {
    const Window& window = windows.set.windows[w];
    const TaggedText& text = data.texts[window.example];
    if (window.first_begin == 0) {
      tags = write_tags(text.entities, static_cast<int32_t>(text.words.size()), scheme);
    }
    std::vector<int32_t>& rows = targets.emplace_back(window.length(), kIgnoredTarget);
    for (const WordRow& word : windows.words_of(w)) {
      const std::string& tag = tags[word.word];
      require_outside(index, tag);
      rows[word.row] = index.find(tag);
      if (rows[word.row] < 0) fail_unknown(data, text, word.word, tag, labels);
    }
  }
  return targets;
}

TaggedText split_words(const Tokenizer& tokenizer, std::string_view text) {
  TaggedText split{.text = std::string(text), .words = {}, .entities = {}};
  std::vector<Token> tokens;
  tokenizer.tokenize(text, tokens);
  for (const Token& token : tokens) {
    const std::string& entry = tokenizer.vocabulary()[token.id];
    if (entry.starts_with("##") && !split.words.empty()) {
      split.words.back().end = token.end;
    } else {
      split.words.push_back({token.begin, token.end});
    }
  }
  return split;
}

}  // namespace bertune
