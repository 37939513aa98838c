// SPDX-License-Identifier: Apache-2.0
// Offsets are multiples of a cache line, because kernels load aligned vectors and two threads must
// not write to the same line.
#include "engine/arena.h"

#include <algorithm>

namespace bertune {
namespace {

constexpr size_t kAlignment = 64;

size_t padded(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

void Arena::plan(Tensor& slot, std::string_view group, DType dtype, int64_t rows, int64_t cols) {
  CHECK(!committed_);
  CHECK(rows >= 0 && cols >= 0);
  slot = {nullptr, dtype, rows, cols, cols};
  const size_t bytes = padded(static_cast<size_t>(slot.size()) * size_of(dtype));
  if (bytes > 0) planned_.push_back({&slot, bytes_});
  count(group, bytes);
  bytes_ += bytes;
}

void Arena::count(std::string_view group, size_t bytes) {
  const auto found = std::find_if(groups_.begin(), groups_.end(),
                                  [&](const auto& entry) { return entry.first == group; });
  if (found != groups_.end()) {
    found->second += bytes;
  } else {
    groups_.emplace_back(group, bytes);
  }
}

void Arena::commit() {
  CHECK(!committed_);
  committed_ = true;
  if (bytes_ == 0) return;
  buffer_ = engine_.allocate(bytes_);
  for (const Planned& planned : planned_) {
    planned.slot->data = static_cast<std::byte*>(buffer_->data()) + planned.offset;
  }
}

}  // namespace bertune
