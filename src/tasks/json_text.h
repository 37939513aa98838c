// The text of a JSON file, ready for simdjson: valid UTF-8, without byte order mark, padded. Says
// where a file that is no JSON breaks off. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace bertune {

class JsonText {
 public:
  // Reads the file as read_text_file does. Throws Error{kSystem, kInput}.
  explicit JsonText(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::string_view text() const { return {text_.data(), text_.size()}; }

  // The document that stands in `part` of text(); `first_line` is the line where it begins, from 1.
  // It is valid until the next call with the same parser. Throws Error{kInput} with line and
  // column.
  simdjson::dom::element parse(simdjson::dom::parser& parser, std::string_view part,
                               int64_t first_line = 1) const;

  // The same, null where `part` is no JSON.
  simdjson::simdjson_result<simdjson::dom::element> try_parse(simdjson::dom::parser& parser,
                                                              std::string_view part) const;

 private:
  [[noreturn]] void fail(std::string_view part, int64_t first_line,
                         simdjson::error_code code) const;

  std::filesystem::path path_;
  simdjson::padded_string text_;
};

// "an object", "a string", ...: what an error says that it found.
const char* name_of_type(simdjson::dom::element element);

}  // namespace bertune
