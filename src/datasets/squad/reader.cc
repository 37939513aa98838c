// SPDX-License-Identifier: Apache-2.0
#include "datasets/squad/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "base/log.h"
#include "bertune/error.h"
#include "datasets/input_file.h"

namespace bertune {
namespace {

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

bool has(simdjson::dom::object object, const char* key) {
  return object.at_key(key).error() == simdjson::SUCCESS;
}

// A key whose value is null counts as missing.
bool has_value(simdjson::dom::object object, const char* key) {
  simdjson::dom::element value;
  return object.at_key(key).get(value) == simdjson::SUCCESS && !value.is_null();
}

[[noreturn]] void refuse_text(const std::filesystem::path& path) {
  throw Error(ErrorKind::kInput,
              fmt::format("'{}', line 1, column 1: not JSON, which question answering needs",
                          path.string()),
              "convert CSV and other tables to JSON lines, one object a line: {\"id\": ..., "
              "\"context\": ..., \"question\": ..., \"answers\": {\"text\": [...], "
              "\"answer_start\": [...]}}");
}

}  // namespace

const KnownFiles& SquadReader::known_files() {
  static const KnownFiles kFiles{.train = {{"train-v1.1.json"}, {"train-v2.0.json"}},
                                 .evaluate = {{"dev-v1.1.json"}, {"dev-v2.0.json"}},
                                 .exclusive = true};
  return kFiles;
}

SquadReader::SquadReader(const Dataset& dataset, Split split)
    : json_(dataset),
      split_(split),
      lines_(json_.text()),
      examples_(json_),
      passed_(json_.passed()) {
  if (json_.examples()) return;
  if (is_blank(json_.text())) json_.fail(simdjson::EMPTY);
  const char first = JsonScanner(json_.text()).peek();
  if (first != '{' && first != '[') refuse_text(json_.path());
  has_lines_ = begins_with_line();
  try {
    if (!has_lines_) split_document();
  } catch (const JsonFault&) {
    json_.fail(simdjson::TAPE_ERROR);
  }
  passed_.rewind();
}

// Returns whether the first line is an object of its own rather than a document on one line. Of a
// document only the beginning up to its data is read, because it may be large.
bool SquadReader::begins_with_line() const {
  JsonScanner scanner(json_.text());
  bool has_context = false;
  try {
    scanner.object([&](std::string_view key) {
      if (key == "data") throw JsonFault();
      has_context |= key == "context";
      scanner.value();
    });
  } catch (const JsonFault&) {
    return false;
  }
  const std::string_view object = json_.text().substr(0, scanner.position());
  const std::string_view rest = json_.text().substr(scanner.position());
  const bool one_line = object.find('\n', object.find('{')) == object.npos;
  return one_line && is_blank(first_line(rest)) && (has_context || !is_blank(rest));
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
  int32_t index = 0;
  scanner.array([&] {
    paragraphs_.push_back({scanner.value(), static_cast<int32_t>(place_.article), index++});
    pass(paragraphs_.back().text);
  });
}

void SquadReader::rewind() {
  lines_ = LineReader(json_.text());
  examples_.rewind();
  next_paragraph_ = 0;
  passed_.rewind();
  repeated_.reset();
}

bool SquadReader::next(SquadData& data) {
  data_ = &data;
  if (data.contexts.empty()) contexts_by_hash_.clear();  // another part
  if (json_.examples()) return next_example();
  return has_lines_ ? next_line() : next_paragraph();
}

void SquadReader::report() const {
  if (misplaced_answers_ > 0) {
    log_warning(
        "'{}': {} answers do not stand at their answer_start and were skipped; {} questions "
        "that have no other answer were left out",
        json_.path().string(), misplaced_answers_, dropped_questions_);
  }
  if (repeated_) repeated_->report(json_.path());
}

bool SquadReader::next_example() {
  Element example;
  if (!examples_.next(parser_, example)) return false;
  place_ = {.example = examples_.index()};
  read_line(object(example, "an example"));
  return true;
}

bool SquadReader::next_line() {
  std::string_view line;
  do {
    if (!lines_.next(line)) return false;
  } while (is_blank(line));
  place_ = {.line = lines_.number()};
  read_line(object(json_.parse(parser_, line, place_.line), "the line"));
  pass(line);
  return true;
}

bool SquadReader::next_paragraph() {
  if (next_paragraph_ == paragraphs_.size()) return false;
  const Paragraph& paragraph = paragraphs_[next_paragraph_++];
  place_ = {.article = paragraph.article, .paragraph = paragraph.index};
  read_paragraph(object(json_.parse_value(parser_, paragraph.text), "a paragraph"));
  pass(paragraph.text);
  return true;
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
  std::string id = has_value(line, "id") ? id_of(line)
                                         : fmt::format("{}", std::max(place_.line, place_.example));
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
  read_answers(field(question, "answers"), example);
  version2_ |= has(question, "is_impossible");
  if (example.answers.empty() && misplaced_answers_ > misplaced_before) {
    ++dropped_questions_;  // because losing its answers does not make a question unanswerable
    return;
  }
  version2_ |= example.answers.empty();
  if (repeated_) repeated_->add(example.id);
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
  return split_ == Split::kTrain || has_value(answer, "answer_start");
}

void SquadReader::add_answer(std::string_view text, std::optional<int64_t> start,
                             SquadExample& example) {
  const int64_t begin = start ? find_answer(text, *start) : -1;
  if (begin < 0 && split_ == Split::kTrain) {
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
  if (place_.example >= 0) return examples_.place();
  std::string place = "the top";
  if (place_.article >= 0) place = fmt::format("data[{}]", place_.article);
  if (place_.paragraph >= 0) place += fmt::format(".paragraphs[{}]", place_.paragraph);
  if (place_.question >= 0) place += fmt::format(".qas[{}]", place_.question);
  if (place_.answer >= 0) place += fmt::format(".answers[{}]", place_.answer);
  return place;
}

void SquadReader::fail(const std::string& what) const {
  const char* layout =
      place_.line >= 0 || place_.example >= 0
          ? "a record is {\"id\": ..., \"context\": ..., \"question\": ..., \"answers\": "
            "{\"text\": "
            "[...], \"answer_start\": [...]}}"
          : "expected SQuAD's layout, {\"data\": [{\"paragraphs\": [{\"context\": ..., \"qas\": "
            "[{\"id\": ..., \"question\": ..., \"answers\": [{\"text\": ..., \"answer_start\": "
            "...}]}]}]}]}, or JSON lines with context, question and answers";
  throw Error(ErrorKind::kInput, fmt::format("'{}', {}: {}", json_.path().string(), place(), what),
              layout);
}

}  // namespace bertune
