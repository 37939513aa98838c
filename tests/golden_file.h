// SPDX-License-Identifier: Apache-2.0
// Reads the files of tests/data/tasks, which tools/make_task_goldens.py generates.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace bertune {

inline std::filesystem::path golden_path(const std::string& name) {
  return std::filesystem::path(BERTUNE_TEST_DATA) / "tasks" / name;
}

// The value of `key`. It is returned by value, because a loop over a part of a temporary would
// outlive it.
inline nlohmann::json read_golden(const std::string& name, const char* key) {
  std::ifstream file(golden_path(name));
  nlohmann::json value = nlohmann::json::parse(file).at(key);
  if (value.empty()) throw std::runtime_error(name + " has no " + key);
  return value;
}

}  // namespace bertune
