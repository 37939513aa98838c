// SPDX-License-Identifier: Apache-2.0
// Every parameter of a BERT with its head, listed once: the encoder's in params.cc, a head's in its
// own file. Allocation, files, AdamW and tests derive from that list.
#pragma once

#include "model/layout.h"

namespace bertune {

// Throws Error{kInput} when `config` lacks what the head needs: labels, or tied word embeddings.
ParameterList list_parameters(const BertConfig& config, HeadKind head);

// The views over a flat buffer of parameters or gradients, a [1, n] tensor.
BertParams view_parameters(const BertConfig& config, HeadKind head, Tensor flat);

}  // namespace bertune
