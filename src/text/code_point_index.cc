// SPDX-License-Identifier: Apache-2.0
#include "text/code_point_index.h"

#include <algorithm>

#include "base/check.h"

namespace bertune {
namespace {

constexpr int64_t kStep = 64;

bool begins_code_point(char byte) { return (byte & 0xC0) != 0x80; }

}  // namespace

CodePointIndex::CodePointIndex(std::string_view text) : text_(text) {
  size_ = std::count_if(text.begin(), text.end(), begins_code_point);
  if (size_ == static_cast<int64_t>(text.size())) return;
  checkpoints_.reserve(size_ / kStep + 1);
  int64_t index = 0;
  for (size_t byte = 0; byte < text.size(); ++byte) {
    if (begins_code_point(text[byte]) && index++ % kStep == 0) checkpoints_.push_back(byte);
  }
}

size_t CodePointIndex::byte_of(int64_t index) const {
  CHECK(index >= 0 && index <= size_);
  if (checkpoints_.empty()) return static_cast<size_t>(index);
  if (index == size_) return text_.size();
  size_t byte = checkpoints_[index / kStep];
  for (int64_t left = index % kStep; left > 0; --left) {
    do {
      ++byte;
    } while (!begins_code_point(text_[byte]));
  }
  return byte;
}

int64_t CodePointIndex::code_point_of(size_t byte) const {
  CHECK(byte <= text_.size());
  if (checkpoints_.empty()) return static_cast<int64_t>(byte);
  const auto after = std::upper_bound(checkpoints_.begin(), checkpoints_.end(), byte);
  const auto last = after - checkpoints_.begin() - 1;
  return last * kStep +
         std::count_if(text_.begin() + checkpoints_[last], text_.begin() + byte, begins_code_point);
}

}  // namespace bertune
