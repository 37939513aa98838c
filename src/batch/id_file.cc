// SPDX-License-Identifier: Apache-2.0
#include "batch/id_file.h"

#include "base/check.h"

namespace bertune {
namespace {

constexpr size_t kBlock = size_t{1} << 18;  // ids per write: 1 MiB

}  // namespace

void IdFile::append(std::span<const int32_t> window) {
  begins_.push_back(size_);
  size_ += static_cast<int64_t>(window.size());
  unwritten_.insert(unwritten_.end(), window.begin(), window.end());
  if (unwritten_.size() >= kBlock) flush();
}

void IdFile::finish() {
  flush();
  unwritten_ = {};
}

void IdFile::flush() {
  const auto* data = reinterpret_cast<const char*>(unwritten_.data());
  file_.write({data, unwritten_.size() * sizeof(int32_t)});
  unwritten_.clear();
}

void IdFile::read(int32_t window, std::span<int32_t> ids) const {
  CHECK(unwritten_.empty());
  const int64_t begin = begins_.at(static_cast<size_t>(window));
  file_.read(begin * static_cast<int64_t>(sizeof(int32_t)),
             {reinterpret_cast<char*>(ids.data()), ids.size_bytes()});
}

}  // namespace bertune
