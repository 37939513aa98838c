// SPDX-License-Identifier: Apache-2.0
// The token ids of windows, kept on the disk because text to learn words from may be larger than
// memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/io.h"

namespace bertune {

// Ids of one window after the other. Memory holds eight bytes a window. All throw Error{kSystem},
// for a full disk above all.
class IdFile {
 public:
  void append(std::span<const int32_t> window);
  void finish();  // nothing is appended, and windows can be read

  // As many ids as `window` has; threads may share this.
  void read(int32_t window, std::span<int32_t> ids) const;

 private:
  void flush();

  NamelessFile file_;
  std::vector<int32_t> unwritten_;
  std::vector<int64_t> begins_;  // [windows] ids before each
  int64_t size_ = 0;             // ids
};

}  // namespace bertune
