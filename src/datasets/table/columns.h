// SPDX-License-Identifier: Apache-2.0
// Which column holds the text, its pair and the label: by name, by number, or by the names that
// data sets usually have.
#pragma once

#include <span>
#include <string>

#include "datasets/table/table.h"

namespace bertune {

// Indices into a row; -1: there is no such column.
struct ColumnIndices {
  int64_t text = -1;
  int64_t text_pair = -1;
  int64_t label = -1;

  int64_t last() const;
};

// Columns given as numbers tell that a file has no header.
bool are_numbers(const TextColumns& columns);

// The columns that are given, and where none is the `kept` one of other data, if `names` have it.
TextColumns take_kept(std::span<const std::string> names, TextColumns columns,
                      const TextColumns& kept);

// Those of a file whose header or keys are `names`. `place` is for errors. Throws Error{kInput}
// when a given column is not there or nothing looks like a text or, but for kPredict, like a label.
ColumnIndices find_columns(std::span<const std::string> names, const TextColumns& columns,
                           TextPurpose purpose, const std::string& place);

// Columns by number of a file without header.
ColumnIndices numbered_columns(const TextColumns& columns);

}  // namespace bertune
