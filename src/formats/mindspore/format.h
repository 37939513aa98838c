// SPDX-License-Identifier: Apache-2.0
// A MindSpore checkpoint with its config and vocabulary beside it as a format of models.
#pragma once

#include "formats/model_format.h"

namespace bertune {

const ModelFormat& mindspore_format();

}  // namespace bertune
