// SPDX-License-Identifier: Apache-2.0
// Finds the columns of the text, its pair and the label: by the given names or numbers, or by the
// names that datasets commonly use.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "datasets/table/table.h"

namespace bertune {

// Indices into a row; -1: no such column.
struct ColumnIndices {
  int64_t text = -1;
  int64_t text_pair = -1;
  int64_t label = -1;
  std::vector<int64_t> labels;  // instead of `label` if each label is a column of its own

  int64_t last() const;
};

// Whether columns are given as numbers, which means that the file has no header.
bool are_numbers(const TextColumns& columns);

// The given columns, and in place of a missing one the `kept` one if `names` contain it.
TextColumns take_kept(std::span<const std::string> names, TextColumns columns,
                      const TextColumns& kept);

// The columns of a file whose header or keys are `names`. `place` is for errors. Throws
// Error{kInput} if a given column is missing or no column looks like a text or a label.
ColumnIndices find_columns(std::span<const std::string> names, const TextColumns& columns,
                           const std::string& place);

// The same without labels, which texts that are only predicted do not need.
ColumnIndices find_text_columns(std::span<const std::string> names, const TextColumns& columns,
                                const std::string& place);

// The columns of a file without a header, given as numbers.
ColumnIndices numbered_columns(const TextColumns& columns);

}  // namespace bertune
