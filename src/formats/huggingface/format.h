// SPDX-License-Identifier: Apache-2.0
// A Hugging Face folder with safetensors as a format of models: what our own checkpoints are.
#pragma once

#include "formats/model_format.h"

namespace bertune {

const ModelFormat& huggingface_format();

}  // namespace bertune
