// SPDX-License-Identifier: Apache-2.0
// The head of sequence classification: a logit for every window and label [windows, labels], from
// the hidden state of its first token through the pooler (dense, tanh), with dropout behind it;
// cross-entropy over the labels. With one label it is regression and the loss the squared error.
#pragma once

#include "model/heads/head.h"

namespace bertune {

const Head& sequence_classification_head();

}  // namespace bertune
