// SPDX-License-Identifier: Apache-2.0
// The columns of a dataset, as the options name them. They are kept with a model that was trained
// on them, so that they need not be given again.
#pragma once

#include <map>
#include <string>

#include "bertune/options.h"

namespace bertune {

// The name of an option that ends in _column, or label_separator, and its value as text.
using DataColumns = std::map<std::string, std::string>;

DataColumns given_columns(const DataOptions& options);

// The options, with the kept columns where no column of the same name is given.
DataOptions with_kept_columns(DataOptions options, const DataColumns& kept);

}  // namespace bertune
