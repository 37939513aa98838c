// SPDX-License-Identifier: Apache-2.0
// The token classification head: a logit for every token and label [rows, labels], computed from
// the token's hidden state after dropout. The loss is the cross-entropy over the labels of each
// token that has a target.
#pragma once

#include "model/heads/head.h"

namespace bertune {

const Head& token_classification_head();

}  // namespace bertune
