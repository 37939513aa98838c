// SPDX-License-Identifier: Apache-2.0
// Which columns of a data set hold what, as options say it: kept with a model that learned from
// them, so that they need not be given again.
#pragma once

#include <map>
#include <string>

#include "bertune/options.h"

namespace bertune {

// Name of an option that ends in _column, to its value as text.
using DataColumns = std::map<std::string, std::string>;

DataColumns given_columns(const DataOptions& options);

// The options with the columns that are kept where none of the same name is given.
DataOptions with_kept_columns(DataOptions options, const DataColumns& kept);

}  // namespace bertune
