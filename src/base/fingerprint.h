// SPDX-License-Identifier: Apache-2.0
// A short hash of large data, to tell whether two runs have the same data. It is not cryptographic:
// two inputs can be made to collide on purpose.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bertune {

class Fingerprint {
 public:
  // The fingerprint depends on the order of the calls and on the size of each argument.
  void add(uint64_t number);
  void add(std::string_view text);
  void add(std::span<const float> values);  // hashes the bits, on all threads

  std::string text() const;  // 16 hexadecimal digits

 private:
  uint64_t key_ = 0;
};

}  // namespace bertune
