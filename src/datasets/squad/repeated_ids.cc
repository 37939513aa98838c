// SPDX-License-Identifier: Apache-2.0
#include "datasets/squad/repeated_ids.h"

#include <algorithm>
#include <functional>

#include "base/log.h"

namespace bertune {

void RepeatedIds::add(const std::string& id) {
  if (insert(std::hash<std::string>()(id))) return;
  if (repeated_++ == 0) first_ = id;
}

void RepeatedIds::report(const std::filesystem::path& path) const {
  if (repeated_ == 0) return;
  log_warning(
      "'{}': {} question ids come more than once, the first is '{}'; a predictions file "
      "keeps one answer for each id",
      path.string(), repeated_, first_);
}

bool RepeatedIds::insert(uint64_t hash) {
  hash |= 1;  // 0 is a free slot
  if (2 * size_ >= slots_.size()) grow();
  uint64_t& slot = slot_of(hash);
  if (slot == hash) return false;
  slot = hash;
  ++size_;
  return true;
}

uint64_t& RepeatedIds::slot_of(uint64_t hash) {
  const size_t mask = slots_.size() - 1;
  size_t at = (hash >> 1) & mask;
  while (slots_[at] != 0 && slots_[at] != hash) at = (at + 1) & mask;
  return slots_[at];
}

void RepeatedIds::grow() {
  std::vector<uint64_t> old(std::max<size_t>(2 * slots_.size(), 64));
  old.swap(slots_);
  for (const uint64_t hash : old) {
    if (hash != 0) slot_of(hash) = hash;
  }
}

}  // namespace bertune
