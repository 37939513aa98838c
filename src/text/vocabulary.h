// SPDX-License-Identifier: Apache-2.0
// The list of pieces in a vocab.txt, and what looks wrong with it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bertune {

// The lines of a vocab.txt: they end at \n only and keep every other character (bert-base-chinese
// has U+2028 as a piece), except that a file whose lines all end in \r\n loses the \r. Throws
// Error{kSystem} when the file cannot be read, {kInput} when it is empty or not UTF-8.
std::vector<std::string> read_vocabulary(const std::filesystem::path& path);

// Logs a warning about pieces that stand more than once; the last place counts.
void warn_of_repeated_pieces(const std::vector<std::string>& vocabulary, std::string_view path);

// Logs a warning when the casing does not go with the vocabulary: text is lower-cased and many
// pieces have capital letters, or it is not and none has.
void warn_of_odd_casing(const std::vector<std::string>& vocabulary, bool lower_case,
                        std::string_view path);

}  // namespace bertune
