// SPDX-License-Identifier: Apache-2.0
#include "datasets/json/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "bertune/error.h"

namespace bertune {
namespace {

using Json = nlohmann::json;

// Accepts everything and remembers where the parser stopped, because nlohmann-json knows the place
// of a syntax error and simdjson's DOM does not.
struct SyntaxFinder : nlohmann::json_sax<Json> {
  std::optional<size_t> byte;  // from 1

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    byte = position;
    return false;
  }
};

std::optional<size_t> find_syntax_error(std::string_view text) {
  SyntaxFinder finder;
  Json::sax_parse(text.begin(), text.end(), &finder);
  if (!finder.byte) return {};
  return std::min(*finder.byte == 0 ? 0 : *finder.byte - 1, text.size());
}

// Line and column, both from 1, of a byte.
std::pair<int64_t, int64_t> place_of(std::string_view text, size_t byte) {
  const std::string_view before = text.substr(0, byte);
  const int64_t lines = std::count(before.begin(), before.end(), '\n');
  const size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {lines + 1, static_cast<int64_t>(byte - line_begin) + 1};
}

}  // namespace

simdjson::dom::element JsonText::parse(simdjson::dom::parser& parser, std::string_view part,
                                       int64_t first_line) const {
  if (part.empty()) fail(part, first_line, simdjson::EMPTY);  // simdjson would copy from nullptr
  simdjson::dom::element root;
  const simdjson::error_code code = parser.parse(part.data(), part.size()).get(root);
  if (code != simdjson::SUCCESS) fail(part, first_line, code);
  return root;
}

simdjson::dom::element JsonText::parse_value(simdjson::dom::parser& parser,
                                             std::string_view value) const {
  simdjson::dom::element root;
  const simdjson::error_code code = parser.parse(value.data(), value.size()).get(root);
  if (code != simdjson::SUCCESS) fail(code);
  return root;
}

bool JsonExamples::next(simdjson::dom::parser& parser, simdjson::dom::element& example) {
  if (!next_) next_ = json_.examples()();
  if (!next_(text_)) return false;
  ++index_;
  const simdjson::error_code code = parser.parse(text_).get(example);
  if (code == simdjson::SUCCESS) return true;
  throw Error(ErrorKind::kInput,
              fmt::format("'{}', {}: not JSON: {}", json_.path().string(), place(),
                          simdjson::error_message(code)),
              "an example is one JSON object in UTF-8");
}

std::string JsonExamples::place() const { return fmt::format("index {}", index_); }

void JsonText::fail(std::string_view part, int64_t first_line, simdjson::error_code code) const {
  const std::string name = path().string();
  if (is_blank(part)) {
    throw Error(ErrorKind::kInput, fmt::format("'{}' is empty", name), "expected JSON");
  }
  const std::optional<size_t> byte = find_syntax_error(part);
  if (!byte) {
    throw Error(ErrorKind::kInput,
                fmt::format("'{}', line {}: {}", name, first_line, simdjson::error_message(code)));
  }
  const auto [line, column] = place_of(part, *byte);
  const bool cut = is_blank(part.substr(*byte));
  throw Error(ErrorKind::kInput,
              fmt::format("'{}', line {}, column {}: {}", name, first_line + line - 1, column,
                          cut ? "the JSON ends in the middle" : "this is not JSON"),
              cut ? "the file may be cut off; copy or download it again"
                  : "correct the file at this place");
}

const char* name_of_type(simdjson::dom::element element) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::OBJECT:
      return "an object";
    case element_type::ARRAY:
      return "a list";
    case element_type::STRING:
      return "a string";
    case element_type::BOOL:
      return "true or false";
    case element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

}  // namespace bertune
