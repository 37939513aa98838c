// SPDX-License-Identifier: Apache-2.0
// A run of marks is found first and decomposed only if it keeps a mark, so that ordinary accents
// cost no allocation.
#include "text/marks.h"

#include <algorithm>

#include "base/check.h"
#include "text/unicode.h"
#include "text/utf8.h"

namespace bertune {
namespace {

struct MarkRun {
  size_t end;
  bool keeps_any;
};

// A run is an initial kMark and all non-starters after it. Dropped characters do not end it,
// because the reference cleans the whole text before it reorders.
MarkRun find_run(const CharRules& rules, std::string_view text, size_t position) {
  MarkRun run{position, false};
  while (run.end < text.size()) {
    const auto [code_point, bytes] = decode_code_point(text, run.end);
    const CharRule rule = rules[code_point];
    if (rule.kind == CharKind::kMark) {
      if (rule.value == kStarterWithMarks && run.end != position) break;
      run.keeps_any |= rule.value != kStrippedMark;
    } else if (rule.kind != CharKind::kDropped) {
      break;
    }
    run.end += bytes;
  }
  return run;
}

// One code point of the decomposed run.
struct Entry {
  char32_t code_point;
  uint8_t rank;
  bool is_first;  // of its source character's decomposition
};

struct Source {
  uint32_t begin;
  uint32_t end;
};

// Assigns the source ranges in order, one to each first entry. The reference knows how many code
// points were replaced but not which one moved where, so marks that swap places also swap their
// ranges.
void place(const std::vector<Entry>& entries, const std::vector<Source>& sources,
           std::vector<PlacedCodePoint>& kept) {
  size_t used = 0;
  for (const Entry& entry : entries) {
    if (entry.is_first) ++used;
    CHECK(used >= 1 && used <= sources.size());
    if (is_nonspacing_mark(entry.code_point)) continue;
    const Source& source = sources[used - 1];
    kept.push_back({entry.code_point, source.begin, source.end});
  }
}

void reorder(const CharRules& rules, std::string_view text, size_t position, size_t end,
             std::vector<PlacedCodePoint>& kept) {
  std::vector<Entry> entries;
  std::vector<Source> sources;
  while (position < end) {
    const auto [code_point, bytes] = decode_code_point(text, position);
    if (rules[code_point].kind == CharKind::kMark) {
      sources.push_back({static_cast<uint32_t>(position), static_cast<uint32_t>(position + bytes)});
      bool is_first = true;
      for (const char32_t part : decompose(code_point)) {
        entries.push_back({part, combining_rank(part), is_first});
        is_first = false;
      }
    }
    position += bytes;
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.rank < b.rank; });
  place(entries, sources, kept);
}

}  // namespace

size_t read_marks(const CharRules& rules, std::string_view text, size_t position,
                  std::vector<PlacedCodePoint>& kept) {
  const MarkRun run = find_run(rules, text, position);
  if (run.keeps_any) reorder(rules, text, position, run.end, kept);
  return run.end;
}

}  // namespace bertune
