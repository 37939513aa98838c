// SPDX-License-Identifier: Apache-2.0
// The parts of Python's str on which results depend: lower(), split(), strip(), the word characters
// of `re`, and repr(float), as in Python 3.11 (Unicode 14). The tokenizer follows other Unicode
// rules (unicode.h). All texts must be valid UTF-8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bertune {

// str.lower(): the full mapping, including the final sigma and U+0130 as two code points.
std::string python_lower(std::string_view text);

bool is_python_space(char32_t code_point);  // str.isspace(), the separators of split() and strip()
bool is_python_word(char32_t code_point);   // re's \w: letters, numbers and _

std::vector<std::string_view> python_split(std::string_view text);  // str.split()
std::string_view python_lstrip(std::string_view text);
std::string_view python_strip(std::string_view text);

// repr(float): the shortest digits that parse to the same double, such as 100.0, 1e-05, 1e+16.
// Not-a-number and infinity are `nan` and `inf`, which are not valid JSON.
std::string python_repr(double value);

}  // namespace bertune
