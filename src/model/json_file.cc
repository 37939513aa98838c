// SPDX-License-Identifier: Apache-2.0
#include "model/json_file.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "base/io.h"
#include "bertune/error.h"

namespace bertune {

using nlohmann::json;

JsonFile::JsonFile(std::filesystem::path path) : path_(std::move(path)) {
  const MappedFile file(path_);
  try {
    root_ = json::parse(file.text());
  } catch (const json::parse_error& error) {
    fail(fmt::format("not valid JSON at byte {}", error.byte),
         "the file may be cut off or damaged; fetch or write it again");
  }
  if (!root_.is_object()) {
    fail(fmt::format("a JSON object is expected, not {}", root_.type_name()));
  }
}

JsonFile::JsonFile(std::filesystem::path path, json root)
    : path_(std::move(path)), root_(std::move(root)) {}

int64_t JsonFile::integer(const char* key, int64_t fallback) const {
  const json* value = find(key);
  if (value == nullptr) return fallback;
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (!value->is_number_integer() || (value->is_number_unsigned() && value->get<uint64_t>() > kMax))
    fail_type(key, "an integer");
  return value->get<int64_t>();
}

double JsonFile::number(const char* key, double fallback) const {
  const json* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_number()) fail_type(key, "a number");
  return value->get<double>();
}

bool JsonFile::boolean(const char* key, bool fallback) const {
  const json* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) fail_type(key, "true or false");
  return value->get<bool>();
}

std::string JsonFile::string(const char* key, const std::string& fallback) const {
  const json* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_string()) fail_type(key, "a string");
  return value->get<std::string>();
}

void JsonFile::fail(const std::string& what, const std::string& hint) const {
  throw Error(ErrorKind::kInput, fmt::format("'{}': {}", path_.string(), what), hint);
}

const json* JsonFile::find(const char* key) const {
  const auto found = root_.find(key);
  return found == root_.end() || found->is_null() ? nullptr : &*found;
}

void JsonFile::fail_type(const char* key, const char* expected) const {
  std::string found = root_.at(key).dump(-1, ' ', true, json::error_handler_t::replace);
  if (found.size() > 60) found = found.substr(0, 60) + "...";
  fail(fmt::format("\"{}\" must be {}, not {}", key, expected, found));
}

}  // namespace bertune
