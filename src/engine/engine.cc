// SPDX-License-Identifier: Apache-2.0
// Code shared by all engines: the conversion of a dropout probability to a threshold.
#include "engine/engine.h"

#include <algorithm>
#include <cmath>

#include "bertune/error.h"

namespace bertune {

Dropout make_dropout(double probability, uint64_t key) {
  if (!(probability >= 0.0 && probability < 1.0)) {
    throw Error(ErrorKind::kUsage,
                "the dropout probability is " + std::to_string(probability) +
                    ", outside the range from 0 to below 1",
                "choose a value from 0 (no dropout) to below 1; BERT was trained with 0.1");
  }
  // At most 65,535, because at 65,536 no element would be kept and the scale would be infinite.
  const double threshold = std::min(std::round(probability * 65536.0), 65535.0);
  return {static_cast<uint32_t>(threshold), key};
}

}  // namespace bertune
