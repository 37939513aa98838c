// SPDX-License-Identifier: Apache-2.0
// What all engines share: how a probability becomes a dropout threshold.
#include "engine/engine.h"

#include <algorithm>
#include <cmath>

namespace bertune {

Dropout make_dropout(double probability, uint64_t key) {
  if (!(probability >= 0.0 && probability < 1.0)) {
    throw Error(ErrorKind::kUsage,
                "a dropout probability of " + std::to_string(probability) + " cannot be meant",
                "choose one from 0 (none) to below 1; BERT was trained with 0.1");
  }
  // At most 65,535, because at 65,536 nothing would stay and the scale were infinite.
  const double threshold = std::min(std::round(probability * 65536.0), 65535.0);
  return {static_cast<uint32_t>(threshold), key};
}

}  // namespace bertune
