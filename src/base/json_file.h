// SPDX-License-Identifier: Apache-2.0
// A JSON file whose root is an object, such as the config.json of a model folder. Fields are read
// with their types checked. Every fault becomes an Error with the file, the key and the value
// found.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace bertune {

class JsonFile {
 public:
  explicit JsonFile(std::filesystem::path path);  // throws Error{kSystem, kInput}
  // An object that was read from `path` by other means.
  JsonFile(std::filesystem::path path, nlohmann::json root);

  const nlohmann::json& root() const { return root_; }
  const std::filesystem::path& path() const { return path_; }

  // The value of `key`, or `fallback` if the key is missing or null. Throws Error{kInput} if the
  // value has another type; an integer must be written as one and fit into 64 bits.
  int64_t integer(const char* key, int64_t fallback) const;
  double number(const char* key, double fallback) const;
  bool boolean(const char* key, bool fallback) const;
  std::string string(const char* key, const std::string& fallback) const;

  // Throws Error{kInput} whose message is the path, then `what`.
  [[noreturn]] void fail(const std::string& what, const std::string& hint = {}) const;

 private:
  const nlohmann::json* find(const char* key) const;  // nullptr: missing or null
  [[noreturn]] void fail_type(const char* key, const char* expected) const;

  std::filesystem::path path_;
  nlohmann::json root_;
};

}  // namespace bertune
