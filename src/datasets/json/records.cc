// SPDX-License-Identifier: Apache-2.0
#include "datasets/json/records.h"

#include <fmt/format.h>

#include <utility>

#include "bertune/error.h"
#include "text/python_text.h"

namespace bertune {
namespace {

using Element = JsonRecord::Element;

}  // namespace

JsonRecords::JsonRecords(const JsonText& json, std::string layout)
    : json_(json),
      layout_(std::move(layout)),
      is_list_(JsonScanner(json.text()).peek() == '['),
      scanner_(json.text()),
      lines_(json.text()),
      passed_(json.passed()),
      examples_(json) {}

std::optional<JsonRecord> JsonRecords::next() {
  at_end_ = at_end_ || !next_element();
  if (at_end_) return {};
  JsonRecord::Object object;
  const bool is_object = element_.get(object) == simdjson::SUCCESS;
  const JsonRecord record(json_, object, place_, layout_);
  if (!is_object) record.fail(fmt::format("expected an object, not {}", name_of_type(element_)));
  return record;
}

bool JsonRecords::next_element() {
  if (!json_.examples()) return is_list_ ? next_entry() : next_line();
  const bool found = examples_.next(parser_, element_);
  place_ = examples_.place();
  return found;
}

bool JsonRecords::next_line() {
  for (std::string_view line; lines_.next(line);) {
    if (is_blank(line)) continue;
    place_ = fmt::format("line {}", lines_.number());
    element_ = json_.parse(parser_, line, lines_.number());
    passed_.pass_to(lines_.position());
    return true;
  }
  return false;
}

bool JsonRecords::next_entry() {
  std::string_view value;
  try {
    if (!has_entry()) return false;
    value = scanner_.value();
  } catch (const JsonFault&) {
    json_.fail(simdjson::TAPE_ERROR);
  }
  place_ = fmt::format("entry {}", entry_);
  element_ = json_.parse_value(parser_, value);
  passed_.pass_to(value.data() + value.size());
  return true;
}

bool JsonRecords::has_entry() {
  const bool more = ++entry_ == 1 ? scanner_.enter_array() : scanner_.next_element();
  if (!more && !scanner_.at_end()) throw JsonFault();
  return more;
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
