// SPDX-License-Identifier: Apache-2.0
// The sequence classification head: a logit for every window and label [windows, labels], computed
// from the hidden state of the window's first token through a dense layer with an activation
// (BERT's pooler, with tanh) and dropout. The loss is the cross-entropy over the labels, or the
// binary cross-entropy of each label if a text may have several. Any other head with a single label
// is regression, and the loss is the squared error.
#pragma once

#include "model/heads/head.h"

namespace bertune {

const Head& sequence_classification_head();

}  // namespace bertune
