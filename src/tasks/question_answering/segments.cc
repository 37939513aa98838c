// SPDX-License-Identifier: Apache-2.0
#include "tasks/question_answering/segments.h"

#include <algorithm>
#include <array>

#include "text/chinese.h"
#include "text/python_text.h"
#include "text/utf8.h"

namespace bertune {
namespace {

// The script's sp_char. Its entry of two ellipses equals no single character.
constexpr std::u32string_view kMarks = U"-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』";

// Marks that NLTK makes words of their own wherever they stand.
constexpr std::string_view kSingle = ";@#$%&?![](){}<>";
constexpr std::u32string_view kQuotes = U"«»‘„";

constexpr std::array<std::string_view, 7> kEndings{"'s", "'m", "'d", "'ll", "'re", "'ve", "n't"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Words of text without white space, after the marks that are words of their own are split off.
class WordSplitter {
 public:
  explicit WordSplitter(std::vector<std::string>& words) : words_(words) {}

  void split(std::string_view text) {
    for (size_t i = 0; i < text.size(); ++i) i += split_at(text, i);
    end_word();
  }

 private:
  // Returns how many more bytes than one it has read.
  size_t split_at(std::string_view text, size_t i) {
    const char c = text[i];
    const bool more = i + 1 < text.size();
    if (kSingle.find(c) != kSingle.npos) {
      add(std::string(1, c));
    } else if (c == ',' && !(more && is_digit(text[i + 1]))) {
      return add_comma(text, i);
    } else if (c == '"') {
      add(i == 0 || is_opening(text[i - 1]) ? "``" : "''");
    } else if (c == '.' && more && text[i + 1] == '.') {
      const size_t after = std::min(text.find_first_not_of('.', i), text.size());
      add(std::string(after - i, '.'));
      return after - i - 1;
    } else {
      return append(text, i);
    }
    return 0;
  }

  // NLTK's rule reads the comma with the character behind it, so of two the second one is not split
  // off.
  size_t add_comma(std::string_view text, size_t i) {
    add(",");
    const bool twice = text.substr(i + 1).starts_with(',');
    if (twice) word_ += ',';
    return twice ? 1 : 0;
  }

  static bool is_opening(char c) { return c == '(' || c == '[' || c == '{' || c == '<'; }

  size_t append(std::string_view text, size_t i) {
    const DecodedCodePoint c = decode_code_point(text, i);
    const std::string_view bytes = text.substr(i, c.bytes);
    if (kQuotes.find(c.value) != kQuotes.npos) {
      add(std::string(bytes));
    } else {
      word_ += bytes;
    }
    return c.bytes - 1;
  }

  void add(std::string word) {
    end_word();
    words_.push_back(std::move(word));
  }

  void end_word() {
    if (word_.empty()) return;
    for (const std::string_view ending : kEndings) {
      if (!word_.ends_with(ending) || word_.size() == ending.size()) continue;
      words_.push_back(word_.substr(0, word_.size() - ending.size()));
      words_.emplace_back(ending);
      return word_.clear();
    }
    words_.push_back(std::move(word_));
    word_.clear();
  }

  std::vector<std::string>& words_;
  std::string word_;
};

// The place of the full stop that ends the text, with nothing but closing marks behind it, or npos.
size_t find_full_stop(std::string_view text) {
  const size_t last = text.find_last_not_of(")]}>\"' ");
  if (last == text.npos || last == 0 || text[last] != '.') return text.npos;
  return text[last - 1] == '.' ? text.npos : last;
}

void append_words(std::string_view text, std::vector<std::string>& segments) {
  const size_t stop = find_full_stop(text);
  WordSplitter words(segments);
  for (const std::string_view part : python_split(text.substr(0, stop))) words.split(part);
  if (stop == text.npos) return;
  segments.emplace_back(".");
  for (const std::string_view part : python_split(text.substr(stop + 1))) words.split(part);
}

}  // namespace

std::string without_marks(std::string_view text) {
  const std::string lower = python_lower(text);
  const std::string_view stripped = python_strip(lower);
  std::string out;
  for (size_t i = 0; i < stripped.size();) {
    const DecodedCodePoint c = decode_code_point(stripped, i);
    if (kMarks.find(c.value) == kMarks.npos) out += stripped.substr(i, c.bytes);
    i += c.bytes;
  }
  return out;
}

std::vector<std::string> segment_answer(std::string_view text) {
  const std::string kept = without_marks(text);
  std::vector<std::string> segments;
  std::string other;  // text since the last Chinese character
  for (size_t i = 0; i < kept.size();) {
    const DecodedCodePoint c = decode_code_point(kept, i);
    const std::string bytes = kept.substr(i, c.bytes);
    i += c.bytes;
    if (!is_chinese(c.value)) {
      other += bytes;
      continue;
    }
    append_words(other, segments);
    other.clear();
    segments.push_back(bytes);
  }
  append_words(other, segments);
  return segments;
}

double f1_of_longest_run(const std::vector<std::string>& prediction,
                         const std::vector<std::string>& gold) {
  size_t longest = 0;
  std::vector<size_t> runs(gold.size() + 1);  // that end before each segment of `gold`
  for (const std::string& segment : prediction) {
    for (size_t j = gold.size(); j-- > 0;) {
      runs[j + 1] = segment == gold[j] ? runs[j] + 1 : 0;
      longest = std::max(longest, runs[j + 1]);
    }
  }
  if (longest == 0) return 0.0;
  const double precision = static_cast<double>(longest) / static_cast<double>(prediction.size());
  const double recall = static_cast<double>(longest) / static_cast<double>(gold.size());
  return (2 * precision * recall) / (precision + recall);
}

}  // namespace bertune
