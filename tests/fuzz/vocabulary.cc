// SPDX-License-Identifier: Apache-2.0
// vocab.txt: every piece that a word can contain is found, with the id of its last line.
#include "text/vocabulary.h"

#include <map>

#include "fuzz/fuzz.h"
#include "text/utf8.h"
#include "text/wordpiece.h"

namespace bertune {

void fuzz(std::string_view input) {
  const std::filesystem::path path = put_input("vocab.txt", input);
  const std::vector<std::string> vocabulary = read_vocabulary(path);
  warn_of_repeated_pieces(vocabulary, path.string());
  warn_of_odd_casing(vocabulary, /*lower_case=*/true, path.string());
  std::map<std::string_view, uint32_t> last;
  for (uint32_t id = 0; id < vocabulary.size(); ++id) last[vocabulary[id]] = id;
  const PieceTrie trie(vocabulary);
  for (const auto& [piece, id] : last) {
    CHECK(is_valid_utf8(piece));
    if (piece.empty() || piece.find('\0') != piece.npos) continue;
    const PieceTrie::Match match = trie.longest(PieceTrie::kRoot, piece);
    CHECK(match.bytes == piece.size() && match.id == id);
  }
}

}  // namespace bertune
