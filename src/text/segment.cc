// SPDX-License-Identifier: Apache-2.0
// A segment is read in two ways: plain ASCII words are looked up directly, and all other words are
// collected character by character.
#include "text/segment.h"

#include "base/check.h"
#include "text/marks.h"
#include "text/utf8.h"

namespace bertune {
namespace {

// A word that is not a plain slice of the text: its normalised bytes, each with the range of the
// source character that it comes from. Characters beyond the length limit are only counted.
class Word {
 public:
  bool empty() const { return code_points_ == 0; }
  void clear() { code_points_ = bytes_ = 0; }
  bool is_too_long() const { return code_points_ > WordPiece::kMaxCodePoints; }
  std::string_view text() const { return {text_.data(), bytes_}; }

  ByteRange range(size_t begin, size_t end) const { return {begins_[begin], ends_[end - 1]}; }
  ByteRange whole_range() const { return {begin_, end_}; }

  void append(char32_t code_point, ByteRange source) {
    if (code_points_ == 0) begin_ = source.begin;
    end_ = source.end;
    if (++code_points_ > WordPiece::kMaxCodePoints) return;
    const uint32_t bytes = encode_code_point(code_point, text_.data() + bytes_);
    for (uint32_t i = bytes_; i < bytes_ + bytes; ++i) {
      begins_[i] = source.begin;
      ends_[i] = source.end;
    }
    bytes_ += bytes;
  }

 private:
  static constexpr size_t kMaxBytes = 4 * WordPiece::kMaxCodePoints;
  size_t code_points_ = 0;
  uint32_t bytes_ = 0;
  uint32_t begin_;
  uint32_t end_;
  // Left uninitialised for speed: a Word is made for every segment, and only the first bytes_
  // entries are read.
  std::array<char, kMaxBytes> text_;
  std::array<uint32_t, kMaxBytes> begins_;
  std::array<uint32_t, kMaxBytes> ends_;
};

class Segment {
 public:
  Segment(const TextRules& rules, std::string_view text, size_t begin, std::vector<Token>& tokens)
      : rules_(rules), text_(text), position_(begin), tokens_(tokens) {}

  void tokenize() {
    while (position_ < text_.size()) {
      switch (kind_at(position_)) {
        case ByteKind::kWord:
          take_plain_word();
          break;
        case ByteKind::kAlone:
          append_plain(&text_[position_], 1);
          ++position_;
          break;
        case ByteKind::kSpace:
          ++position_;
          break;
        case ByteKind::kOther:
          take_mixed_words();
          break;
      }
    }
  }

 private:
  ByteKind kind_at(size_t position) const {
    return rules_.bytes.kind[static_cast<unsigned char>(text_[position])];
  }

  // A word of ASCII characters only, whose normalised form has the same length.
  void take_plain_word() {
    std::array<char, WordPiece::kMaxCodePoints> normalized;
    size_t end = position_;
    for (; end < text_.size(); ++end) {
      const char byte = rules_.bytes.in_word[static_cast<unsigned char>(text_[end])];
      if (byte == 0) break;
      const size_t index = end - position_;
      if (index < normalized.size()) normalized[index] = byte;
    }
    if (end < text_.size() && kind_at(end) == ByteKind::kOther) return take_mixed_words();
    const size_t length = end - position_;
    if (length > normalized.size()) {
      rules_.pieces.append_unknown(range(position_, end), tokens_);
    } else {
      append_plain(normalized.data(), length);
    }
    position_ = end;
  }

  // Appends a word whose bytes correspond one to one to those of the text at position_.
  void append_plain(const char* normalized, size_t length) {
    const auto shift = static_cast<uint32_t>(position_);
    const auto range_of = [shift](size_t begin, size_t end) {
      return range(shift + begin, shift + end);
    };
    rules_.pieces.append({normalized, length}, range_of, tokens_);
  }

  // Reads words of any characters until a word has ended and an ASCII byte follows.
  void take_mixed_words() {
    do {
      take_character();
    } while (position_ < text_.size() &&
             (!word_.empty() || kind_at(position_) == ByteKind::kOther));
    end_word();
  }

  void take_character() {
    const auto [code_point, bytes] = decode_code_point(text_, position_);
    const CharRule rule = rules_.chars[code_point];
    const ByteRange source = range(position_, position_ + bytes);
    if (rule.kind == CharKind::kMark) return take_marks();
    position_ += bytes;
    switch (rule.kind) {
      case CharKind::kWord:
        word_.append(code_point + rule.value, source);
        break;
      case CharKind::kAlone:
        append_alone(code_point + rule.value, source);
        break;
      case CharKind::kSpace:
        end_word();
        break;
      case CharKind::kExpanded:
        take_expansion(rule.value, source);
        break;
      case CharKind::kHangul:
        for (const char32_t part : decompose_hangul(code_point)) word_.append(part, source);
        break;
      case CharKind::kDropped:
      case CharKind::kStripped:
      case CharKind::kMark:
        break;
    }
  }

  void take_expansion(int32_t value, ByteRange source) {
    for (const auto [part, alone] : rules_.chars.expansion(value)) {
      if (alone) {
        append_alone(part, source);
      } else {
        word_.append(part, source);
      }
    }
  }

  void take_marks() {
    std::vector<PlacedCodePoint> kept;
    position_ = read_marks(rules_.chars, text_, position_, kept);
    for (const auto [code_point, begin, end] : kept) word_.append(code_point, {begin, end});
  }

  void append_alone(char32_t code_point, ByteRange source) {
    end_word();
    word_.append(code_point, source);
    end_word();
  }

  void end_word() {
    if (word_.empty()) return;
    if (word_.is_too_long()) {
      rules_.pieces.append_unknown(word_.whole_range(), tokens_);
    } else {
      const auto range_of = [this](size_t begin, size_t end) { return word_.range(begin, end); };
      rules_.pieces.append(word_.text(), range_of, tokens_);
    }
    word_.clear();
  }

  static ByteRange range(size_t begin, size_t end) {
    return {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  }

  const TextRules& rules_;
  std::string_view text_;
  size_t position_;
  std::vector<Token>& tokens_;
  Word word_;
};

ByteKind byte_kind(CharRule rule) {
  switch (rule.kind) {
    case CharKind::kWord:
      return ByteKind::kWord;
    case CharKind::kAlone:
      return ByteKind::kAlone;
    case CharKind::kSpace:
      return ByteKind::kSpace;
    default:
      return ByteKind::kOther;
  }
}

}  // namespace

ByteRules::ByteRules(const CharRules& rules) {
  kind.fill(ByteKind::kOther);
  in_word.fill(0);
  for (char32_t c = 0; c < 0x80; ++c) {
    kind[c] = byte_kind(rules[c]);
    if (kind[c] == ByteKind::kWord) in_word[c] = static_cast<char>(c + rules[c].value);
  }
}

void append_segment(const TextRules& rules, std::string_view text, size_t begin,
                    std::vector<Token>& tokens) {
  Segment(rules, text, begin, tokens).tokenize();
}

}  // namespace bertune
