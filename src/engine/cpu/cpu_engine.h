// SPDX-License-Identifier: Apache-2.0
// The contract of engine.h on a processor's vector and matrix units: products by oneDNN, everything
// between them by Highway kernels that are compiled for several instruction sets and chosen at run
// time.
#pragma once

#include <memory>
#include <string>

#include "engine/engine.h"

namespace bertune {

enum class Precision { kAuto, kFp32, kBf16 };

// What `kAuto` takes on this processor and why, as a sentence.
struct PrecisionChoice {
  Precision precision;  // kFp32 or kBf16
  std::string reason;
};
PrecisionChoice choose_precision(Precision wanted);

// How attention multiplies bf16 activations: in bf16 where the processor can, or in fp32 as on all
// others, which tests ask for.
enum class AttentionProducts { kBest, kFp32 };

// The engine in fp32 or bf16 (kAuto: choose_precision). It computes on base/parallel's threads.
std::unique_ptr<Engine> make_cpu_engine(Precision precision,
                                        AttentionProducts = AttentionProducts::kBest);

}  // namespace bertune
