// SPDX-License-Identifier: Apache-2.0
// The text of a JSON file, of which simdjson parses the whole or a part. The text stays in the
// file: only the parts in use take memory. Errors name the line and column at which the JSON is
// invalid.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <utility>

#include "datasets/input_file.h"

namespace bertune {

class JsonText {
 public:
  // See TextFile. Throws Error{kSystem, kInput}.
  explicit JsonText(std::filesystem::path path) : file_(std::move(path)) {}

  const std::filesystem::path& path() const { return file_.path(); }
  const TextFile& file() const { return file_; }
  std::string_view text() const { return file_.text(); }

  // Parses the document in `part` of text(); `first_line` is the line where it begins, from 1. The
  // result is valid until the next call with the same parser. Throws Error{kInput} with line and
  // column.
  simdjson::dom::element parse(simdjson::dom::parser& parser, std::string_view part,
                               int64_t first_line = 1) const;

  // The same for a value inside the document that is the whole text.
  simdjson::dom::element parse_value(simdjson::dom::parser& parser, std::string_view value) const;

  // Throws Error{kInput} for a text that is not JSON.
  [[noreturn]] void fail(simdjson::error_code code) const { fail(text(), 1, code); }

 private:
  [[noreturn]] void fail(std::string_view part, int64_t first_line,
                         simdjson::error_code code) const;

  TextFile file_;
};

// "an object", "a string", ...: the type that an error has found.
const char* name_of_type(simdjson::dom::element element);

}  // namespace bertune
