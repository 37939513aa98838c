// SPDX-License-Identifier: Apache-2.0
// The head of token classification: a logit for every token and label [rows, labels], from its
// hidden state after dropout; cross-entropy over the labels of each token that has a target.
#pragma once

#include "model/heads/head.h"

namespace bertune {

const Head& token_classification_head();

}  // namespace bertune
