// SPDX-License-Identifier: Apache-2.0
#include "tasks/token_classification/windows.h"

#include <fmt/format.h>

#include <algorithm>

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
              "the overlap must be at least 0 and below what is left: lower --doc-stride or raise "
              "--max-seq-length");
}

// The windows of one text of `count` pieces: begin, end.
std::vector<std::pair<int32_t, int32_t>> cut(int32_t count, int32_t room, int32_t overlap) {
  std::vector<std::pair<int32_t, int32_t>> parts;
  for (int32_t begin = 0;; begin += room - overlap) {
    parts.emplace_back(begin, std::min(begin + room, count));
    if (parts.back().second == count) return parts;
  }
}

// The part from `from` on in which `piece` has most pieces on its poorer side; the first of equal
// ones.
size_t best_part(std::span<const std::pair<int32_t, int32_t>> parts, size_t from, int32_t piece) {
  size_t best = from;
  int32_t most = -1;
  for (size_t p = from; p < parts.size() && parts[p].first <= piece; ++p) {
    const int32_t around = std::min(piece - parts[p].first, parts[p].second - 1 - piece);
    if (around > most) {
      most = around;
      best = p;
    }
  }
  return best;
}

// Labels to indices; O for what is not among them, counted.
class TagIndex {
 public:
  explicit TagIndex(const Labels& labels) : index_(labels), outside_(index_.find("O")) {
    if (outside_ >= 0) return;
    throw Error(ErrorKind::kInput, "the labels have no O", "words outside of entities need it");
  }

  int32_t find(const std::string& tag) {
    const int32_t index = index_.find(tag);
    if (index >= 0) return index;
    if (unknown_++ == 0) first_unknown_ = tag;
    return outside_;
  }

  void warn() const {
    if (unknown_ == 0) return;
    log_warning(
        "{} words have tags that are not among the labels, the first is {}: they count as O",
        unknown_, excerpt(first_unknown_));
  }

 private:
  LabelIndex index_;
  int32_t outside_;
  int64_t unknown_ = 0;
  std::string first_unknown_;
};

}  // namespace

struct TokenWindowMaker::TextPieces {
  std::vector<Token> tokens;
  std::vector<int32_t> first_pieces;  // [words] index into tokens; -1: the word has none
};

TokenWindowMaker::TokenWindowMaker(const Tokenizer& tokenizer, const WindowLimits& limits)
    : tokenizer_(tokenizer), room_(room_of(limits)), overlap_(limits.doc_stride) {}

TokenWindowMaker::TextPieces TokenWindowMaker::tokenize_words(const Tokenizer& tokenizer,
                                                              const TaggedText& text) {
  TextPieces pieces;
  for (const WordRange& word : text.words) {
    const size_t before = pieces.tokens.size();
    tokenizer.tokenize(std::string_view(text.text).substr(word.begin, word.end - word.begin),
                       pieces.tokens);
    for (size_t i = before; i < pieces.tokens.size(); ++i) {
      pieces.tokens[i].begin += word.begin;
      pieces.tokens[i].end += word.begin;
    }
    const bool none = pieces.tokens.size() == before;
    pieces.first_pieces.push_back(none ? -1 : static_cast<int32_t>(before));
  }
  return pieces;
}

std::vector<TokenWindowMaker::TextPieces> TokenWindowMaker::tokenize_all(
    const TaggedData& data) const {
  std::vector<TextPieces> pieces(data.texts.size());
  parallel_for(static_cast<int64_t>(pieces.size()), kTextsInBlock, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) pieces[i] = tokenize_words(tokenizer_, data.texts[i]);
  });
  return pieces;
}

TokenWindows TokenWindowMaker::make(const TaggedData& data) {
  TokenWindows windows;
  windows.set.special = tokenizer_.special();
  windows.asked_begin.push_back(0);
  for (TextPieces& pieces : tokenize_all(data)) add(std::move(pieces), windows);
  texts_ += static_cast<int64_t>(data.texts.size());
  return windows;
}

void TokenWindowMaker::add(TextPieces pieces, TokenWindows& windows) {
  const auto text = static_cast<int32_t>(windows.set.texts.size());
  const auto parts = cut(static_cast<int32_t>(pieces.tokens.size()), room_, overlap_);
  over_several_ += parts.size() > 1;
  std::vector<std::vector<WordRow>> asked(parts.size());
  size_t first = 0;  // part that the piece is in, and all behind it
  for (size_t word = 0; word < pieces.first_pieces.size(); ++word) {
    const int32_t piece = pieces.first_pieces[word];
    without_pieces_ += piece < 0;
    if (piece < 0) continue;
    while (parts[first].second <= piece) ++first;
    const size_t part = best_part(parts, first, piece);
    asked[part].push_back({static_cast<int32_t>(word), piece - parts[part].first + 1});
  }
  for (size_t p = 0; p < parts.size(); ++p) {
    windows.set.windows.push_back({.example = text,
                                   .first = text,
                                   .first_length = parts[p].second - parts[p].first,
                                   .first_begin = parts[p].first});
    windows.asked.insert(windows.asked.end(), asked[p].begin(), asked[p].end());
    windows.asked_begin.push_back(static_cast<int64_t>(windows.asked.size()));
  }
  windows.set.texts.push_back(std::move(pieces.tokens));
}

void TokenWindowMaker::report() const {
  if (over_several_ > 0) {
    log_info("{} of {} texts are longer than a window and go over several", over_several_, texts_);
  }
  if (without_pieces_ > 0) {
    log_warning("{} words are nothing to the tokenizer (control characters, for example)",
                without_pieces_);
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
  TagIndex index(labels);
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
    for (int64_t a = windows.asked_begin[w]; a < windows.asked_begin[w + 1]; ++a) {
      rows[windows.asked[a].row] = index.find(tags[windows.asked[a].word]);
    }
  }
  index.warn();
  return targets;
}

TaggedText split_words(const Tokenizer& tokenizer, std::string_view text) {
  TaggedText split{.text = std::string(text), .words = {}, .entities = {}};
  std::vector<Token> tokens;
  tokenizer.tokenize(text, tokens);
  for (const Token& token : tokens) {
    const std::string& piece = tokenizer.vocabulary()[token.id];
    if (piece.starts_with("##") && !split.words.empty()) {
      split.words.back().end = token.end;
    } else {
      split.words.push_back({token.begin, token.end});
    }
  }
  return split;
}

}  // namespace bertune
