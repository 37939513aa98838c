// SPDX-License-Identifier: Apache-2.0
// No head: the encoder as it was pretrained. It has no logits; exports give its hidden states.
#pragma once

#include "model/heads/head.h"

namespace bertune {

const Head& encoder_alone();

}  // namespace bertune
