// The token ids of windows, kept on the disk because text to learn words from may be larger than
// memory. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace bertune {

// Ids of one window after the other, in a file without a name: it goes with its process, however
// that ends. Memory holds eight bytes a window. All throw Error{kSystem}, for a full disk above
// all.
class IdFile {
 public:
  // In TMPDIR or, without it, /var/tmp, because /tmp is memory on some systems.
  IdFile();
  ~IdFile();
  IdFile(const IdFile&) = delete;
  IdFile& operator=(const IdFile&) = delete;

  void append(std::span<const int32_t> window);
  void finish();  // nothing is appended, and windows can be read

  // As many ids as `window` has; threads may share this.
  void read(int32_t window, std::span<int32_t> ids) const;

 private:
  void flush();

  std::filesystem::path folder_;
  int descriptor_ = -1;
  std::vector<int32_t> unwritten_;
  std::vector<int64_t> begins_;  // [windows] ids before each
  int64_t size_ = 0;             // ids
};

}  // namespace bertune
