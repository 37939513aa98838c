// The files of tests/data/tasks, which tools/make_task_goldens.py writes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace bertune {

inline std::filesystem::path golden_path(const std::string& name) {
  return std::filesystem::path(BERTUNE_TEST_DATA) / "tasks" / name;
}

inline nlohmann::json read_golden(const std::string& name) {
  std::ifstream file(golden_path(name));
  return nlohmann::json::parse(file);
}

}  // namespace bertune
