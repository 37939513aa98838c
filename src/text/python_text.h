// SPDX-License-Identifier: Apache-2.0
// Python's str, where results depend on it: lower(), split(), strip(), the word characters of `re`
// and repr(float), as of Python 3.11 (Unicode 14). Other Unicode rules, those of the tokenizer, are
// in text/. All texts are valid UTF-8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bertune {

// str.lower(): the full mapping, with the final sigma and U+0130 as two code points.
std::string python_lower(std::string_view text);

bool is_python_space(char32_t code_point);  // str.isspace(), where split() and strip() cut
bool is_python_word(char32_t code_point);   // re's \w: letters, numbers and _

std::vector<std::string_view> python_split(std::string_view text);  // str.split()
std::string_view python_lstrip(std::string_view text);
std::string_view python_strip(std::string_view text);

// repr(float): the shortest digits that give the same double; 100.0, 1e-05, 1e+16. NaN and infinite
// as `nan`, `inf`, which JSON does not have.
std::string python_repr(double value);

}  // namespace bertune
