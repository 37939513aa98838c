// SPDX-License-Identifier: Apache-2.0
// How a text is normalised before it is cut into words: BERT's three switches.
#pragma once

namespace bertune {

struct Normalization {
  bool lower_case = true;
  bool strip_accents = true;
  bool space_chinese = true;  // tokenize_chinese_chars
  friend bool operator==(const Normalization&, const Normalization&) = default;
};

}  // namespace bertune
