// SPDX-License-Identifier: Apache-2.0
// The list of all parameters of a BERT with its head. The encoder's are listed in params.cc, a
// head's in its own file. Allocation, files, AdamW and tests are derived from this list.
#pragma once

#include "model/layout.h"

namespace bertune {

// Throws Error{kInput} when `config` lacks something the head needs, such as labels.
ParameterList list_parameters(const BertConfig& config, HeadKind head,
                              Matrices matrices = Matrices::kInPlace);

// Views into a flat buffer of parameters or gradients, a [1, n] tensor. With Matrices::kApart, the
// views of matrices stay empty.
BertParams view_parameters(const BertConfig& config, HeadKind head, Tensor flat,
                           Matrices matrices = Matrices::kInPlace);

}  // namespace bertune
