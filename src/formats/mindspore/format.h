// SPDX-License-Identifier: Apache-2.0
// The ModelFormat of a MindSpore checkpoint with its config and vocabulary in the same folder.
#pragma once

#include "formats/model_format.h"

namespace bertune {

const ModelFormat& mindspore_format();

}  // namespace bertune
