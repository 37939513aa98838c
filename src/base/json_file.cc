// SPDX-License-Identifier: Apache-2.0
#include "base/json_file.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "base/io.h"
#include "base/json.h"
#include "bertune/error.h"

namespace bertune {

using nlohmann::json;

JsonFile::JsonFile(std::filesystem::path path) : path_(std::move(path)) {
  root_ = parse_json(MappedFile(path_).text(), fmt::format("'{}'", path_.string()));
  if (!root_.is_object()) {
    fail(fmt::format("expected a JSON object, not {}", root_.type_name()));
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
  // Text that came from YAML is not always UTF-8.
  const std::string text = root_.at(key).dump(-1, ' ', true, json::error_handler_t::replace);
  fail(fmt::format("\"{}\" must be {}, not {}", key, expected, excerpt(text)));
}

}  // namespace bertune
