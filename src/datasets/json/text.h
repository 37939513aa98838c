// SPDX-License-Identifier: Apache-2.0
// The text of a JSON file, of which simdjson parses the whole or a part. The text stays in the
// file: only the parts in use take memory. Errors name the line and column at which the JSON is
// invalid. Examples that a program makes take the place of a file without text.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "bertune/dataset.h"
#include "datasets/input_file.h"

namespace bertune {

class JsonText {
 public:
  // See TextFile. Throws Error{kSystem, kInput}.
  explicit JsonText(const Dataset& dataset) : path_(dataset.path), examples_(dataset.examples) {
    if (!examples_) file_.emplace(path_);
  }

  const std::filesystem::path& path() const { return path_; }
  const TextFile& file() const { return *file_; }  // not for examples
  std::string_view text() const { return file_ ? file_->text() : std::string_view(); }
  PassedText passed() const { return PassedText(file_ ? file_->mapped() : nullptr, text().data()); }

  // Not set for a file.
  const ExampleSource& examples() const { return examples_; }

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

  std::filesystem::path path_;
  ExampleSource examples_;
  std::optional<TextFile> file_;
};

// The examples of a source, parsed one by one; only the current one is in memory.
class JsonExamples {
 public:
  // `json` must outlive the examples, and has some.
  explicit JsonExamples(const JsonText& json) : json_(json) {}

  // False at the end. Throws Error{kInput} for an example that is not JSON.
  bool next(simdjson::dom::parser& parser, simdjson::dom::element& example);

  void rewind() {
    next_ = nullptr;
    index_ = -1;
  }

  std::string place() const;  // of the current one: "index 3", from 0
  int64_t index() const { return index_; }

 private:
  const JsonText& json_;
  NextExample next_;  // of the pass, which begins when the first example is read
  std::string text_;
  int64_t index_ = -1;
};

// "an object", "a string", ...: the type that an error has found.
const char* name_of_type(simdjson::dom::element element);

}  // namespace bertune
