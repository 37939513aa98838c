// SPDX-License-Identifier: Apache-2.0
// The encoder without a head, as it was pretrained. It has no logits, and its exports output the
// hidden states.
#pragma once

#include "model/heads/head.h"

namespace bertune {

const Head& encoder_alone();

}  // namespace bertune
