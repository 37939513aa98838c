// SPDX-License-Identifier: Apache-2.0
// What the classifiers of sequences and of tokens share: the name of the layer that gives a logit
// for each label, and the labels that they need.
#pragma once

#include "model/config.h"

namespace bertune {

inline constexpr const char* kClassifier = "classifier";

// Throws Error{kInput} unless the config names labels that are numbered from 0.
void require_labels(const BertConfig& config);

}  // namespace bertune
