// SPDX-License-Identifier: Apache-2.0
// The ModelFormat of a Hugging Face folder with safetensors, which is also the format of our own
// checkpoints.
#pragma once

#include "formats/model_format.h"

namespace bertune {

const ModelFormat& huggingface_format();

}  // namespace bertune
