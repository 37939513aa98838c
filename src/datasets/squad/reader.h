// SPDX-License-Identifier: Apache-2.0
// From JSON to SquadData: both layouts, with every value's type checked and every error placed. The
// file is taken line by line, or split into paragraphs first, which are parsed one by one, so that
// no more of it is in memory than is asked for. What is not a question of JSON, such as folders and
// repeated ids, is in squad.cc.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datasets/json/scanner.h"
#include "datasets/json/text.h"
#include "datasets/squad/squad.h"
#include "text/code_point_index.h"

namespace bertune {

class SquadReader {
 public:
  // Throws Error{kInput} for what is wrong outside of the parts.
  SquadReader(const JsonText& json, SquadPurpose purpose);

  // Replaces `data` by the next examples: those of whole paragraphs or lines, until there are
  // `count` of them or none is left. False: there was none. data.version2 is that of all that has
  // been read so far. Throws Error{kInput}.
  bool next(size_t count, SquadData& data);
  void rewind();

  int64_t misplaced_answers() const { return misplaced_answers_; }
  int64_t dropped_questions() const { return dropped_questions_; }

 private:
  using Element = simdjson::dom::element;
  using Object = simdjson::dom::object;
  using Array = simdjson::dom::array;

  // Where an error would be; -1: not there yet.
  struct Place {
    int64_t line = -1, article = -1, paragraph = -1, question = -1, answer = -1;
  };

  struct Paragraph {
    std::string_view text;
    int32_t article, index;  // its place
  };

  bool begins_with_line() const;
  void split_document();
  void split_articles(JsonScanner& scanner);
  void split_article(JsonScanner& scanner);
  void split_paragraphs(JsonScanner& scanner);
  void pass(std::string_view part) { passed_.pass_to(part.data() + part.size()); }

  bool next_line();
  bool next_paragraph();
  void read_paragraph(Object paragraph);
  void read_line(Object line);
  void read_question(Object question, std::string id, int32_t context);
  void read_answers(Element answers, SquadExample& example);
  void read_parallel_answers(Object answers, SquadExample& example);
  bool needs_start(Object answer) const;
  void add_answer(std::string_view text, std::optional<int64_t> start, SquadExample& example);
  int64_t find_answer(std::string_view text, int64_t start) const;  // its byte, or -1

  int32_t add_context(std::string_view text);
  int32_t find_or_add_context(std::string_view text);

  // A value of the wanted type, or an error with its place.
  Element field(Object object, const char* key) const;
  template <typename T>
  T as(Element value, const char* name, const char* wanted) const;
  Object object(Element value, const char* name) const;
  Array array(Element value, const char* name) const;
  std::string_view string(Element value, const char* name) const;
  int64_t integer(Element value, const char* name) const;
  std::string id_of(Object question) const;
  std::string place() const;
  [[noreturn]] void fail(const std::string& what) const;

  const JsonText& json_;
  SquadPurpose purpose_;
  Place place_;
  simdjson::dom::parser parser_;
  bool has_lines_ = false;
  LineReader lines_;
  std::vector<Paragraph> paragraphs_;  // of a file without lines
  size_t next_paragraph_ = 0;
  PassedText passed_;
  bool version2_ = false;
  SquadData* data_ = nullptr;  // of the call of next()
  std::unordered_multimap<size_t, int32_t> contexts_by_hash_;
  std::string_view context_text_;  // of the question being read
  CodePointIndex context_index_;
  int64_t misplaced_answers_ = 0;
  int64_t dropped_questions_ = 0;
};

}  // namespace bertune
