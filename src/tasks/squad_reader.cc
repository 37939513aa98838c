// SPDX-License-Identifier: Apache-2.0
#include "tasks/squad_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "bertune/error.h"
#include "tasks/text_file.h"

namespace bertune {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

bool has(simdjson::dom::object object, const char* key) {
  return object.at_key(key).error() == simdjson::SUCCESS;
}

// A key whose value is null counts as missing.
bool has_value(simdjson::dom::object object, const char* key) {
  simdjson::dom::element value;
  return object.at_key(key).get(value) == simdjson::SUCCESS && !value.is_null();
}

}  // namespace

SquadReader::SquadReader(const JsonText& json, SquadPurpose purpose)
    : json_(json), purpose_(purpose), kept_(json.text().data()) {
  if (is_blank(json_.text())) json_.fail(simdjson::EMPTY);
  try {
    if (has_lines()) {
      split_lines();
    } else {
      split_document();
    }
  } catch (const JsonFault&) {
    json_.fail(simdjson::TAPE_ERROR);
  }
  rewind();
}

// Whether the first line is an object of its own, and not a document that stands on one line.
bool SquadReader::has_lines() const {
  const std::string_view text = json_.text();
  const size_t begin = text.find_first_not_of(kBlank);
  const std::string_view first = first_line(text.substr(begin));
  const bool alone = is_blank(text.substr(begin + first.size()));
  JsonScanner scanner(first);
  bool has_context = false;
  try {
    scanner.object([&](std::string_view key) {
      if (key == "data") throw JsonFault();  // a document: the rest need not be looked at
      has_context |= key == "context";
      scanner.value();
    });
  } catch (const JsonFault&) {
    return false;
  }
  return scanner.at_end() && (has_context || !alone);
}

void SquadReader::split_lines() {
  LineReader lines(json_.text());
  for (std::string_view line; lines.next(line); pass(line)) {
    if (!is_blank(line)) parts_.push_back({.text = line, .place = {.line = lines.number()}});
  }
}

void SquadReader::split_document() {
  JsonScanner scanner(json_.text());
  if (scanner.peek() != '{') object(json_.parse_value(parser_, scanner.value()), "the top");
  bool found = false;
  scanner.object([&](std::string_view key) {
    if (key == "data") {
      found = true;
      return split_articles(scanner);
    }
    const Element value = json_.parse_value(parser_, scanner.value());
    std::string_view version;
    if (key != "version" || value.get(version) != simdjson::SUCCESS) return;
    version2_ = version == "2.0" || version == "v2.0";
  });
  if (!scanner.at_end()) throw JsonFault();
  place_ = {};
  if (!found) fail("the key 'data' is missing");
}

void SquadReader::split_articles(JsonScanner& scanner) {
  if (scanner.peek() != '[') array(json_.parse_value(parser_, scanner.value()), "data");
  scanner.array([&] {
    ++place_.article;
    split_article(scanner);
  });
}

void SquadReader::split_article(JsonScanner& scanner) {
  if (scanner.peek() != '{') object(json_.parse_value(parser_, scanner.value()), "an article");
  bool found = false;
  scanner.object([&](std::string_view key) {
    if (key == "paragraphs") {
      found = true;
      split_paragraphs(scanner);
    } else {
      json_.parse_value(parser_, scanner.value());
    }
  });
  if (!found) fail("the key 'paragraphs' is missing");
}

void SquadReader::split_paragraphs(JsonScanner& scanner) {
  if (scanner.peek() != '[') array(json_.parse_value(parser_, scanner.value()), "paragraphs");
  Place place = place_;
  scanner.array([&] {
    ++place.paragraph;
    parts_.push_back({.text = scanner.value(), .place = place});
    pass(parts_.back().text);
  });
}

// Gives back what has been passed of the text, in large pieces.
void SquadReader::pass(std::string_view part) {
  constexpr size_t kPiece = 1 << 22;
  const auto size = static_cast<size_t>(part.data() + part.size() - kept_);
  if (size < kPiece) return;
  json_.forget({kept_, size});
  kept_ += size;
}

void SquadReader::rewind() {
  next_part_ = 0;
  kept_ = json_.text().data();
}

bool SquadReader::next(size_t count, SquadData& data) {
  data = {};
  data_ = &data;
  contexts_by_hash_.clear();
  while (next_part_ < parts_.size() && data.examples.size() < count) {
    read_part(parts_[next_part_]);
    pass(parts_[next_part_++].text);
  }
  data.version2 = version2_;
  return !data.examples.empty();
}

void SquadReader::read_part(const Part& part) {
  place_ = part.place;
  if (place_.line >= 0) {
    read_line(object(json_.parse(parser_, part.text, place_.line), "the line"));
  } else {
    read_paragraph(object(json_.parse_value(parser_, part.text), "a paragraph"));
  }
}

void SquadReader::read_paragraph(Object paragraph) {
  context_text_ = string(field(paragraph, "context"), "context");
  context_index_ = CodePointIndex(context_text_);
  int32_t context = -1;
  for (const Element element : array(field(paragraph, "qas"), "qas")) {
    ++place_.question;
    place_.answer = -1;
    if (context < 0) context = add_context(context_text_);
    const Object question = object(element, "a question");
    read_question(question, id_of(question), context);
  }
}

void SquadReader::read_line(Object line) {
  const std::string_view context = string(field(line, "context"), "context");
  std::string id = has_value(line, "id") ? id_of(line) : fmt::format("{}", place_.line);
  const int32_t index = find_or_add_context(context);
  context_text_ = data_->contexts[index];
  context_index_ = CodePointIndex(context_text_);
  read_question(line, std::move(id), index);
}

void SquadReader::read_question(Object question, std::string id, int32_t context) {
  SquadExample example{.id = std::move(id),
                       .question = std::string(string(field(question, "question"), "question")),
                       .context = context,
                       .answers = {}};
  const int64_t misplaced_before = misplaced_answers_;
  const bool answered = purpose_ != SquadPurpose::kPredict || has_value(question, "answers");
  if (answered) read_answers(field(question, "answers"), example);
  version2_ |= has(question, "is_impossible");
  if (example.answers.empty() && misplaced_answers_ > misplaced_before) {
    ++dropped_questions_;  // because losing its answers does not make a question unanswerable
    return;
  }
  version2_ |= answered && example.answers.empty();
  data_->examples.push_back(std::move(example));
}

void SquadReader::read_answers(Element answers, SquadExample& example) {
  Object parallel;
  if (answers.get(parallel) == simdjson::SUCCESS) return read_parallel_answers(parallel, example);
  for (const Element element : array(answers, "answers")) {
    ++place_.answer;
    const Object answer = object(element, "an answer");
    std::optional<int64_t> start;
    if (needs_start(answer)) start = integer(field(answer, "answer_start"), "answer_start");
    add_answer(string(field(answer, "text"), "text"), start, example);
  }
}

void SquadReader::read_parallel_answers(Object answers, SquadExample& example) {
  // Counted, because simdjson's size() stops at 2^24 - 1.
  const Array texts = array(field(answers, "text"), "text");
  std::vector<std::optional<int64_t>> starts(std::distance(texts.begin(), texts.end()));
  if (needs_start(answers)) {
    const Array given = array(field(answers, "answer_start"), "answer_start");
    const auto count = static_cast<size_t>(std::distance(given.begin(), given.end()));
    if (count != starts.size()) {
      fail(fmt::format("answers have {} texts, but {} offsets", starts.size(), count));
    }
    std::transform(given.begin(), given.end(), starts.begin(),
                   [&](Element start) { return integer(start, "answer_start"); });
  }
  for (const Element text : texts) {
    ++place_.answer;
    add_answer(string(text, "text"), starts[place_.answer], example);
  }
}

bool SquadReader::needs_start(Object answer) const {
  return purpose_ == SquadPurpose::kTrain || has_value(answer, "answer_start");
}

void SquadReader::add_answer(std::string_view text, std::optional<int64_t> start,
                             SquadExample& example) {
  const int64_t begin = start ? find_answer(text, *start) : -1;
  if (begin < 0 && purpose_ == SquadPurpose::kTrain) {
    ++misplaced_answers_;
    return;
  }
  example.answers.push_back({.text = std::string(text), .begin = begin});
}

int64_t SquadReader::find_answer(std::string_view text, int64_t start) const {
  if (text.empty() || start < 0 || start >= context_index_.size()) return -1;
  const size_t begin = context_index_.byte_of(start);
  const bool stands = context_text_.substr(begin, text.size()) == text;
  return stands ? static_cast<int64_t>(begin) : -1;
}

int32_t SquadReader::add_context(std::string_view text) {
  data_->contexts.emplace_back(text);
  return static_cast<int32_t>(data_->contexts.size()) - 1;
}

int32_t SquadReader::find_or_add_context(std::string_view text) {
  const size_t hash = std::hash<std::string_view>()(text);
  const auto [begin, end] = contexts_by_hash_.equal_range(hash);
  for (auto known = begin; known != end; ++known) {
    if (data_->contexts[known->second] == text) return known->second;
  }
  return contexts_by_hash_.emplace(hash, add_context(text))->second;
}

SquadReader::Element SquadReader::field(Object object, const char* key) const {
  Element value;
  if (object.at_key(key).get(value) == simdjson::SUCCESS) return value;
  fail(fmt::format("the key '{}' is missing", key));
}

template <typename T>
T SquadReader::as(Element value, const char* name, const char* wanted) const {
  T typed;
  if (value.get(typed) == simdjson::SUCCESS) return typed;
  fail(fmt::format("{} must be {}, but is {}", name, wanted, name_of_type(value)));
}

SquadReader::Object SquadReader::object(Element value, const char* name) const {
  return as<Object>(value, name, "an object");
}

SquadReader::Array SquadReader::array(Element value, const char* name) const {
  return as<Array>(value, name, "a list");
}

std::string_view SquadReader::string(Element value, const char* name) const {
  return as<std::string_view>(value, name, "a string");
}

int64_t SquadReader::integer(Element value, const char* name) const {
  return as<int64_t>(value, name, "a whole number");
}

std::string SquadReader::id_of(Object question) const {
  const Element id = field(question, "id");
  int64_t number = 0;
  if (id.get(number) == simdjson::SUCCESS) return fmt::format("{}", number);
  return std::string(string(id, "id"));
}

std::string SquadReader::place() const {
  if (place_.line >= 0) return fmt::format("line {}", place_.line);
  std::string place = "the top";
  if (place_.article >= 0) place = fmt::format("data[{}]", place_.article);
  if (place_.paragraph >= 0) place += fmt::format(".paragraphs[{}]", place_.paragraph);
  if (place_.question >= 0) place += fmt::format(".qas[{}]", place_.question);
  if (place_.answer >= 0) place += fmt::format(".answers[{}]", place_.answer);
  return place;
}

void SquadReader::fail(const std::string& what) const {
  const char* layout =
      place_.line >= 0
          ? "a line is {\"id\": ..., \"context\": ..., \"question\": ..., \"answers\": {\"text\": "
            "[...], \"answer_start\": [...]}}"
          : "expected SQuAD's layout, {\"data\": [{\"paragraphs\": [{\"context\": ..., \"qas\": "
            "[{\"id\": ..., \"question\": ..., \"answers\": [{\"text\": ..., \"answer_start\": "
            "...}]}]}]}]}, or JSON lines with context, question and answers";
  throw Error(ErrorKind::kInput, fmt::format("'{}', {}: {}", json_.path().string(), place(), what),
              layout);
}

}  // namespace bertune
