// SPDX-License-Identifier: Apache-2.0
// One JSON object per line, a list of objects, or examples that a program makes: the forms of
// datasets that consist of records.
// The type of every value is checked, and every error names its place.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/input_file.h"
#include "datasets/json/scanner.h"
#include "datasets/json/text.h"

namespace bertune {

// An object of the file. It is valid until JsonRecords returns the next one.
class JsonRecord {
 public:
  using Element = simdjson::dom::element;
  using Object = simdjson::dom::object;
  using Array = simdjson::dom::array;

  JsonRecord(const JsonText& json, Object object, std::string place, const std::string& layout)
      : json_(json), object_(object), place_(std::move(place)), layout_(layout) {}

  bool has(std::string_view key) const;  // a key whose value is null counts as missing
  std::vector<std::string> keys() const;
  const std::string& place() const { return place_; }  // "line 3", "entry 3", "index 3"

  // The value of a key, or Error{kInput}.
  Element at(std::string_view key) const;
  std::string_view string(std::string_view key) const;
  Array array(std::string_view key) const;
  Object object(std::string_view key) const;
  // A string as it is; whole numbers, other numbers and booleans as Python's json.dumps writes
  // them.
  std::string scalar(Element value, std::string_view name) const;

  template <typename T>
  T as(Element value, std::string_view name, const char* wanted) const {
    T typed;
    if (value.get(typed) == simdjson::SUCCESS) return typed;
    fail_type(value, name, wanted);
  }

  [[noreturn]] void fail(const std::string& what) const;

 private:
  [[noreturn]] void fail_type(Element value, std::string_view name, const char* wanted) const;

  const JsonText& json_;
  Object object_;
  std::string place_;
  const std::string& layout_;
};

// The objects of a file or a source one by one; only the current one is in memory.
class JsonRecords {
 public:
  // `layout` is the hint of errors: what a record looks like. `json` must outlive the records.
  JsonRecords(const JsonText& json, std::string layout);

  // Nothing at the end. Throws Error{kInput} for invalid JSON or a value that is not an object.
  std::optional<JsonRecord> next();

 private:
  bool next_element();
  bool next_line();
  bool next_entry();
  bool has_entry();

  const JsonText& json_;
  std::string layout_;
  bool is_list_;
  bool at_end_ = false;
  JsonScanner scanner_;  // of a list
  LineReader lines_;     // of anything else
  int64_t entry_ = 0;    // from 1
  PassedText passed_;
  JsonExamples examples_;  // of a source
  simdjson::dom::parser parser_;
  JsonRecord::Element element_;
  std::string place_;
};

}  // namespace bertune
