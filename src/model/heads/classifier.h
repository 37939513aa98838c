// SPDX-License-Identifier: Apache-2.0
// Shared by the sequence and token classifiers: the name of the layer that outputs one logit per
// label, and the check of the labels they need.
#pragma once

#include "model/config.h"

namespace bertune {

inline constexpr const char* kClassifier = "classifier";

// Throws Error{kInput} unless the config has labels, numbered from 0.
void require_labels(const BertConfig& config);

}  // namespace bertune
