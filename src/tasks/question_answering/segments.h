// SPDX-License-Identifier: Apache-2.0
// Answers in Chinese as the evaluation of CMRC 2018 compares them: Chinese characters by
// themselves, other text by words, most punctuation marks left out. Source: cmrc2018_evaluate.py,
// v5 (special), of github.com/ymcui/cmrc2018.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bertune {

// Lower case, stripped, without the script's list of punctuation marks.
std::string without_marks(std::string_view text);

// The segments of such a text. Other text is split as NLTK's word tokenizer does with
// preserve_line, but without its rules for English contractions beyond the endings 's, 'm, 'd, 'll,
// 're, 've and n't.
std::vector<std::string> segment_answer(std::string_view text);

// The F1 of the longest run of segments that both answers have; 0 if there is none.
double f1_of_longest_run(const std::vector<std::string>& prediction,
                         const std::vector<std::string>& gold);

}  // namespace bertune
