// SPDX-License-Identifier: Apache-2.0
// Builds the double array. Pieces are sorted, a node is a range of pieces with a common prefix, and
// each node's children get the first base at which all their slots are free.
#include "text/wordpiece.h"

#include <algorithm>

#include "base/check.h"

namespace bertune {
namespace {

struct Piece {
  std::string_view bytes;
  uint32_t id;
};

std::vector<Piece> sort_pieces(std::span<const std::string> pieces) {
  std::vector<Piece> sorted;
  sorted.reserve(pieces.size());
  for (uint32_t id = 0; id < pieces.size(); ++id) {
    const std::string_view bytes = pieces[id];
    if (!bytes.empty() && bytes.find('\0') == bytes.npos) sorted.push_back({bytes, id});
  }
  std::sort(sorted.begin(), sorted.end(), [](const Piece& a, const Piece& b) {
    const int order = a.bytes.compare(b.bytes);
    return order != 0 ? order < 0 : a.id < b.id;
  });
  return sorted;
}

class DoubleArrayBuilder {
 public:
  explicit DoubleArrayBuilder(std::span<const std::string> pieces) : pieces_(sort_pieces(pieces)) {
    grow();
    // A leaf has base 0. No other node may have it, or a leaf would appear to have that node's
    // children.
    base_is_used_[0] = true;
    take(PieceTrie::kRoot, 0);
    take(PieceTrie::kDeadEnd, 0);
  }

  std::vector<TrieNode> build() {
    std::vector<Branch> pending{{PieceTrie::kRoot, 0, pieces_.size(), 0}};
    while (!pending.empty()) {
      const Branch branch = pending.back();
      pending.pop_back();
      add_children(branch, pending);
    }
    return std::move(nodes_);
  }

 private:
  static constexpr uint32_t kBlock = 256;  // base ^ byte is in the same block as base
  static constexpr int kMaxTries = 128;    // then a new block: trades unused slots for build time
  static constexpr uint32_t kEnd = ~0u;

  // The pieces begin .. end, which share the first `depth` bytes; these lead to `node`.
  struct Branch {
    uint32_t node;
    size_t begin;
    size_t end;
    size_t depth;
  };

  void add_children(Branch branch, std::vector<Branch>& pending) {
    // Equal pieces are sorted by id, so the last id remains.
    while (branch.begin < branch.end && pieces_[branch.begin].bytes.size() == branch.depth) {
      nodes_[branch.node].id = pieces_[branch.begin++].id;
    }
    if (branch.begin == branch.end) return;
    split(branch);
    const uint32_t base = find_base();
    base_is_used_[base] = true;
    nodes_[branch.node].base = base;
    for (const Branch& child : children_) {
      const unsigned char label = label_at(child.begin, branch.depth);
      take(base ^ label, label);
      pending.push_back({base ^ label, child.begin, child.end, branch.depth + 1});
    }
  }

  // Fills children_ with the parts of a branch whose pieces agree in one more byte.
  void split(const Branch& branch) {
    children_.clear();
    for (size_t i = branch.begin; i < branch.end; ++i) {
      const bool is_new =
          children_.empty() || label_at(i, branch.depth) != label_at(i - 1, branch.depth);
      if (is_new) children_.push_back({0, i, i, branch.depth + 1});
      children_.back().end = i + 1;
    }
  }

  uint32_t find_base() {
    const unsigned char first_label = label_at(children_[0].begin, children_[0].depth - 1);
    int tries = 0;
    for (uint32_t slot = first_free_; slot != kEnd && tries < kMaxTries; slot = next_free_[slot]) {
      const uint32_t base = slot ^ first_label;
      if (fits(base)) return base;
      ++tries;
    }
    const auto block = static_cast<uint32_t>(nodes_.size());
    grow();
    return block;
  }

  bool fits(uint32_t base) const {
    if (base_is_used_[base]) return false;
    return std::all_of(children_.begin(), children_.end(), [&](const Branch& child) {
      return is_free_[base ^ label_at(child.begin, child.depth - 1)];
    });
  }

  // Appends a block of free slots and links them at the end of the free list.
  void grow() {
    const auto begin = static_cast<uint32_t>(nodes_.size());
    const uint32_t end = begin + kBlock;
    nodes_.resize(end, TrieNode{.base = 0, .label = 0, .id = kNoPiece});
    is_free_.resize(end, true);
    base_is_used_.resize(end, false);
    next_free_.resize(end);
    previous_free_.resize(end);
    for (uint32_t i = begin; i < end; ++i) {
      previous_free_[i] = i == begin ? last_free_ : i - 1;
      next_free_[i] = i + 1 == end ? kEnd : i + 1;
    }
    (last_free_ == kEnd ? first_free_ : next_free_[last_free_]) = begin;
    last_free_ = end - 1;
  }

  void take(uint32_t index, unsigned char label) {
    CHECK(is_free_[index]);
    is_free_[index] = false;
    nodes_[index].label = label;
    const uint32_t before = previous_free_[index];
    const uint32_t after = next_free_[index];
    (before == kEnd ? first_free_ : next_free_[before]) = after;
    (after == kEnd ? last_free_ : previous_free_[after]) = before;
  }

  unsigned char label_at(size_t piece, size_t depth) const {
    return static_cast<unsigned char>(pieces_[piece].bytes[depth]);
  }

  std::vector<Piece> pieces_;
  std::vector<TrieNode> nodes_;
  std::vector<bool> is_free_;
  std::vector<bool> base_is_used_;
  std::vector<uint32_t> next_free_;  // doubly linked free list
  std::vector<uint32_t> previous_free_;
  uint32_t first_free_ = kEnd;
  uint32_t last_free_ = kEnd;
  std::vector<Branch> children_;
};

}  // namespace

PieceTrie::PieceTrie(std::span<const std::string> pieces) {
  CHECK(pieces.size() < kNoPiece);
  nodes_ = DoubleArrayBuilder(pieces).build();
}

uint32_t PieceTrie::walk(uint32_t node, std::string_view prefix) const {
  for (const char c : prefix) {
    const auto byte = static_cast<unsigned char>(c);
    node = nodes_[node].base ^ byte;
    if (nodes_[node].label != byte) return kDeadEnd;
  }
  return node;
}

WordPiece::WordPiece(std::span<const std::string> vocabulary, int32_t unknown_id)
    : trie_(vocabulary),
      continuation_root_(trie_.walk(PieceTrie::kRoot, "##")),
      unknown_id_(unknown_id) {}

}  // namespace bertune
