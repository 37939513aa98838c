// SPDX-License-Identifier: Apache-2.0
// Finds the ids that occur more than once among millions. It keeps a hash of each id, because the
// ids themselves would take several times the memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bertune {

class RepeatedIds {
 public:
  void add(const std::string& id);
  void report(const std::filesystem::path& path) const;  // a warning if there are any

 private:
  bool insert(uint64_t hash);  // false: it was there
  uint64_t& slot_of(uint64_t hash);
  void grow();

  // An open-addressing table, because a set with a node for each hash takes five times the memory.
  std::vector<uint64_t> slots_;  // a power of two; 0: free
  size_t size_ = 0;
  int64_t repeated_ = 0;
  std::string first_;
};

}  // namespace bertune
