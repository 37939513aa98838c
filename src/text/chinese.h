// SPDX-License-Identifier: Apache-2.0
// The characters that the evaluation of Chinese answers reads one by one. The tokenizer's rules for
// ideographs (char_rules.h) cover more.
#pragma once

namespace bertune {

inline bool is_chinese(char32_t code_point) { return code_point >= 0x4E00 && code_point <= 0x9FA5; }

}  // namespace bertune
