// SPDX-License-Identifier: Apache-2.0
// A short name for a lot of numbers, to tell whether two runs have the same data. No protection
// against anyone who wants two to look alike.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bertune {

class Fingerprint {
 public:
  // The order of the calls and the size of each count.
  void add(uint64_t number);
  void add(std::string_view text);
  void add(std::span<const float> values);  // by their bits, on all threads

  std::string text() const;  // 16 hexadecimal digits

 private:
  uint64_t key_ = 0;
};

}  // namespace bertune
