// SPDX-License-Identifier: Apache-2.0
// The token ids of windows, kept on disk because raw text for masked-language-model training may be
// larger than memory. Relies on NamelessFile of base/io.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/io.h"

namespace bertune {

// The ids of all windows, one after the other; memory holds only eight bytes per window. All
// functions throw Error{kSystem}, most likely for a full disk.
class IdFile {
 public:
  void append(std::span<const int32_t> window);
  void finish();  // ends appending; from now on windows can be read

  // Reads the ids of `window`; `ids` has the window's size. Thread-safe.
  void read(int32_t window, std::span<int32_t> ids) const;

 private:
  void flush();

  NamelessFile file_;
  std::vector<int32_t> unwritten_;
  std::vector<int64_t> begins_;  // [windows] offset of each window's first id
  int64_t size_ = 0;             // in ids
};

}  // namespace bertune
