// SPDX-License-Identifier: Apache-2.0
// Binary search in the generated tables of code point ranges.
#pragma once

#include <algorithm>
#include <span>

namespace bertune {

// The row whose range, `first` to `last`, contains `code_point`, or nullptr. The rows are sorted
// and their ranges do not overlap.
template <typename Row>
const Row* find_range(std::span<const Row> rows, char32_t code_point) {
  const auto row = std::lower_bound(rows.begin(), rows.end(), code_point,
                                    [](const Row& r, char32_t c) { return r.last < c; });
  return row != rows.end() && row->first <= code_point ? &*row : nullptr;
}

}  // namespace bertune
