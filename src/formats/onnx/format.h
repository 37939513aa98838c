// SPDX-License-Identifier: Apache-2.0
// The ModelFormat of ONNX, which is written for other programs and never read.
#pragma once

#include "formats/model_format.h"

namespace bertune {

const ModelFormat& onnx_format();

}  // namespace bertune
