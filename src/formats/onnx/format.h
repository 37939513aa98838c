// SPDX-License-Identifier: Apache-2.0
// ONNX as a format of models: written for other programs, and not read.
#pragma once

#include "formats/model_format.h"

namespace bertune {

const ModelFormat& onnx_format();

}  // namespace bertune
