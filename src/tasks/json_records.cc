// SPDX-License-Identifier: Apache-2.0
#include "tasks/json_records.h"

#include <fmt/format.h>

#include "bertune/error.h"
#include "tasks/python_text.h"
#include "tasks/text_file.h"

namespace bertune {
namespace {

using Element = JsonRecord::Element;

struct RecordVisitor {
  const JsonText& json;
  const char* layout;
  const std::function<void(const JsonRecord&)>& work;

  void visit(Element element, std::string place) const {
    JsonRecord::Object object;
    const bool is_object = element.get(object) == simdjson::SUCCESS;
    const JsonRecord record(json, object, std::move(place), layout);
    if (!is_object) record.fail(fmt::format("expected an object, not {}", name_of_type(element)));
    work(record);
  }
};

void visit_list(const JsonText& json, const RecordVisitor& visitor) {
  simdjson::dom::parser parser;
  const Element root = json.parse(parser, json.text());
  int64_t number = 0;
  for (const Element element : root.get_array())
    visitor.visit(element, fmt::format("entry {}", ++number));
}

void visit_lines(const JsonText& json, const RecordVisitor& visitor) {
  simdjson::dom::parser parser;
  LineReader lines(json.text());
  for (std::string_view line; lines.next(line);) {
    if (is_blank(line)) continue;
    visitor.visit(json.parse(parser, line, lines.number()), fmt::format("line {}", lines.number()));
  }
}

}  // namespace

void for_each_record(const JsonText& json, const char* layout,
                     const std::function<void(const JsonRecord&)>& work) {
  const RecordVisitor visitor{json, layout, work};
  const size_t begin = json.text().find_first_not_of(" \t\r\n");
  const bool is_list = begin != std::string_view::npos && json.text()[begin] == '[';
  is_list ? visit_list(json, visitor) : visit_lines(json, visitor);
}

bool JsonRecord::has(std::string_view key) const {
  Element value;
  return object_.at_key(key).get(value) == simdjson::SUCCESS && !value.is_null();
}

std::vector<std::string> JsonRecord::keys() const {
  std::vector<std::string> keys;
  for (const auto& field : object_) keys.emplace_back(field.key);
  return keys;
}

Element JsonRecord::at(std::string_view key) const {
  Element value;
  if (object_.at_key(key).get(value) == simdjson::SUCCESS) return value;
  fail(fmt::format("the key '{}' is missing", key));
}

std::string_view JsonRecord::string(std::string_view key) const {
  return as<std::string_view>(at(key), key, "a string");
}

JsonRecord::Array JsonRecord::array(std::string_view key) const {
  return as<Array>(at(key), key, "a list");
}

JsonRecord::Object JsonRecord::object(std::string_view key) const {
  return as<Object>(at(key), key, "an object");
}

std::string JsonRecord::scalar(Element value, std::string_view name) const {
  std::string_view text;
  int64_t whole = 0;
  double number = 0;
  bool truth = false;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  if (value.get(whole) == simdjson::SUCCESS) return fmt::format("{}", whole);
  if (value.get(number) == simdjson::SUCCESS) return python_repr(number);
  if (value.get(truth) == simdjson::SUCCESS) return truth ? "true" : "false";
  fail_type(value, name, "a string or a number");
}

void JsonRecord::fail_type(Element value, std::string_view name, const char* wanted) const {
  fail(fmt::format("{} must be {}, but is {}", name, wanted, name_of_type(value)));
}

void JsonRecord::fail(const std::string& what) const {
  throw Error(ErrorKind::kInput, fmt::format("'{}', {}: {}", json_.path().string(), place_, what),
              layout_);
}

}  // namespace bertune
