// SPDX-License-Identifier: Apache-2.0
// The device contract of engine.h on a processor's vector and matrix units. Products use oneDNN or
// our own panel kernels; everything else uses Highway kernels, compiled for several instruction
// sets and chosen at run time.
#pragma once

#include <memory>
#include <string>

#include "engine/engine.h"

namespace bertune {

// The precision that `kAuto` selects on this processor, with the reason as a sentence.
struct PrecisionChoice {
  Precision precision;  // kFp32 or kBf16
  std::string reason;
};
PrecisionChoice choose_precision(Precision wanted);

// How attention multiplies bf16 activations: in bf16 if the processor can, or in fp32 as on all
// others, which tests use.
enum class AttentionProducts { kBest, kFp32 };

// The engine in fp32 or bf16; kAuto follows choose_precision. It computes on the threads of
// base/parallel.
std::unique_ptr<Engine> make_cpu_engine(Precision precision,
                                        AttentionProducts = AttentionProducts::kBest);

}  // namespace bertune
