// SPDX-License-Identifier: Apache-2.0
// Converts between code-point and byte offsets, many times for one text. Checkpoints bound the
// length of each search; a text of ASCII only needs none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace bertune {

class CodePointIndex {
 public:
  // `text`, valid UTF-8, must outlive the index.
  explicit CodePointIndex(std::string_view text = {});

  int64_t size() const { return size_; }  // in code points

  // The byte where code point `index` (0 .. size) begins.
  size_t byte_of(int64_t index) const;

  // The number of code points that begin before `byte` (0 .. text.size()).
  int64_t code_point_of(size_t byte) const;

 private:
  std::string_view text_;
  int64_t size_ = 0;
  std::vector<size_t> checkpoints_;  // offsets of code points 0, 64, 128, ...; empty: all ASCII
};

}  // namespace bertune
