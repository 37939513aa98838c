// SPDX-License-Identifier: Apache-2.0
// Reads SQuAD v1.1 and v2.0 in the official layout, or one JSON object per line; the format is
// found by content. The type of every value is checked, and every error names its place. A file is
// read line by line, or split into paragraphs that are parsed one by one, so that only the current
// part is in memory.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datasets/json/scanner.h"
#include "datasets/json/text.h"
#include "datasets/squad/repeated_ids.h"
#include "datasets/squad/squad.h"
#include "datasets/stream.h"
#include "text/code_point_index.h"

namespace bertune {

// A line of JSON lines is
//   {"id": "q1", "context": "...", "question": "...",
//    "answers": {"text": ["..."], "answer_start": [34]}}
// where `answers` may also be a list of {"text", "answer_start"}, and a line without `id` gets its
// line number. Examples of a source look like such lines. `answer_start` counts code points. For
// training, an answer that does not stand at its offset is skipped, and a question that loses all
// its answers is left out; evaluation needs no offsets, because the metrics compare texts.
class SquadReader {
 public:
  using Data = SquadData;
  using Info = SquadInfo;
  static constexpr NothingFound kEmpty{"question to use",
                                       "give a dataset with at least one question"};
  static const KnownFiles& known_files();

  // Throws Error{kSystem, kInput}, also for faults outside of the paragraphs.
  SquadReader(const Dataset& dataset, Split split);
  SquadReader(const SquadReader&) = delete;
  SquadReader& operator=(const SquadReader&) = delete;

  // Appends the questions of the next paragraph or line; false at the end. Throws Error{kInput}.
  bool next(SquadData& data);
  void rewind();

  // SquadInfo::version2 of everything that was read so far.
  void complete(SquadInfo& info) const { info.version2 |= version2_; }
  // Logs skipped answers, and ids that came more than once before the first rewind().
  void report() const;

 private:
  using Element = simdjson::dom::element;
  using Object = simdjson::dom::object;
  using Array = simdjson::dom::array;

  // The place of the next error; -1: outside of such a part.
  struct Place {
    int64_t line = -1, example = -1, article = -1, paragraph = -1, question = -1, answer = -1;
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

  bool next_example();
  bool next_line();
  bool next_paragraph();
  void read_paragraph(Object paragraph);
  void read_line(Object line);
  void read_question(Object question, std::string id, int32_t context);
  void read_answers(Element answers, SquadExample& example);
  void read_parallel_answers(Object answers, SquadExample& example);
  bool needs_start(Object answer) const;
  void add_answer(std::string_view text, std::optional<int64_t> start, SquadExample& example);
  int64_t find_answer(std::string_view text, int64_t start) const;  // the byte, or -1

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

  JsonText json_;
  Split split_;
  Place place_;
  simdjson::dom::parser parser_;
  bool has_lines_ = false;
  LineReader lines_;
  JsonExamples examples_;              // of a source
  std::vector<Paragraph> paragraphs_;  // of a file without lines
  size_t next_paragraph_ = 0;
  PassedText passed_;
  bool version2_ = false;
  SquadData* data_ = nullptr;                                  // the argument of next()
  std::unordered_multimap<size_t, int32_t> contexts_by_hash_;  // of *data_
  std::string_view context_text_;                              // of the question being read
  CodePointIndex context_index_;
  int64_t misplaced_answers_ = 0;
  int64_t dropped_questions_ = 0;
  std::optional<RepeatedIds> repeated_ = RepeatedIds();  // of the first pass
};

using SquadStream = Stream<SquadReader>;

}  // namespace bertune
