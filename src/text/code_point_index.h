// SPDX-License-Identifier: Apache-2.0
// Code points to bytes and back, many times for one text: checkpoints bound every walk, and a text
// that is all ASCII needs none.
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

  int64_t size() const { return size_; }  // code points

  // The byte where code point `index` (0 .. size) begins.
  size_t byte_of(int64_t index) const;

  // Code points that begin before `byte` (0 .. text.size()).
  int64_t code_point_of(size_t byte) const;

 private:
  std::string_view text_;
  int64_t size_ = 0;
  std::vector<size_t> checkpoints_;  // bytes of code points 0, 64, 128, ...; empty: all ASCII
};

}  // namespace bertune
