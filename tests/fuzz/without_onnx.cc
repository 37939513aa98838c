// SPDX-License-Identifier: Apache-2.0
// libFuzzer's programs read models and export none, so they are built without ONNX, whose code
// protoc has to make first.
#include "formats/onnx/format.h"

namespace bertune {

const ModelFormat& onnx_format() {
  static constexpr ModelFormat kFormat = {"onnx", nullptr, nullptr};
  return kFormat;
}

}  // namespace bertune
