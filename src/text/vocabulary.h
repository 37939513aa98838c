// SPDX-License-Identifier: Apache-2.0
// The list of pieces in a vocab.txt, and warnings about suspicious ones. Special tokens are left to
// tokenizer.h.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bertune {

// The lines of a vocab.txt. They end at \n only and keep every other character (bert-base-chinese
// has U+2028 as a piece), except that the \r is removed if all lines end in \r\n. Throws
// Error{kSystem} if the file cannot be read, Error{kInput} if it is empty or not valid UTF-8.
std::vector<std::string> read_vocabulary(const std::filesystem::path& path);

// Logs a warning if pieces occur more than once; the last occurrence is used.
void warn_of_repeated_pieces(const std::vector<std::string>& vocabulary, std::string_view path);

// Logs a warning if the casing does not match the vocabulary: text is lower-cased but many pieces
// have capital letters, or text keeps its case but no piece has one.
void warn_of_odd_casing(const std::vector<std::string>& vocabulary, bool lower_case,
                        std::string_view path);

}  // namespace bertune
