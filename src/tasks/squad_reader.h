// From JSON to SquadData: both layouts, with every value's type checked and every error placed.
// What is not a question of JSON, such as folders and repeated ids, is in squad.cc.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tasks/code_point_index.h"
#include "tasks/json_text.h"
#include "tasks/squad.h"

namespace bertune {

class SquadReader {
 public:
  SquadReader(const JsonText& json, SquadPurpose purpose) : json_(json), purpose_(purpose) {}

  // Throws Error{kInput}.
  SquadData read();

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

  void read_document(Element root);
  void read_article(Object article);
  void read_paragraph(Object paragraph);
  void read_lines();
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
  SquadData data_;
  std::unordered_multimap<size_t, int32_t> contexts_by_hash_;
  std::string_view context_text_;  // of the question being read
  CodePointIndex context_index_;
  int64_t misplaced_answers_ = 0;
  int64_t dropped_questions_ = 0;
};

}  // namespace bertune
