// SPDX-License-Identifier: Apache-2.0
// Functions whose results are rounded to bf16 or need no more than its accuracy, on processors with
// AVX512-BF16. They are cheaper than those of vectors-inl.h and activation-inl.h.
#pragma once

#include "engine/cpu/bf16_tiles.h"

BERTUNE_PUSH_BF16_ATTRIBUTES
namespace bertune::cpu::bf16 {

inline constexpr float kLog2E = 1.44269504089f, kLn2 = 0.69314718056f;

// 2^x, or 0 where that would be denormal. x = n + r, and 2^r by the minimax polynomial with an
// error of 1.5e-7.
HWY_INLINE __m512 exp2(__m512 x) {
  const __m512 n = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m512 r = _mm512_sub_ps(x, n);
  __m512 p = _mm512_set1_ps(1.327647103e-3f);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(9.675540641e-3f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(5.550712876e-2f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(2.402211800e-1f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(6.931469174e-1f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
  return _mm512_scalef_ps(p, n);
}

// x Phi(x) = max(x, 0) - |x| Phi(-|x|), with the form and the polynomial of activation-inl.h for
// the tail. The approximate reciprocal causes an error of at most 1e-5, below the relative rounding
// error of bf16, 2e-3.
HWY_INLINE __m512 gelu(__m512 x) {
  const __m512 distance = _mm512_abs_ps(x);
  const __m512 near = _mm512_min_ps(_mm512_set1_ps(64.0f), distance);  // keeps its square finite
  const __m512 bell =
      exp2(_mm512_mul_ps(_mm512_mul_ps(near, near), _mm512_set1_ps(-0.5f * kLog2E)));
  const __m512 t =
      _mm512_rcp14_ps(_mm512_fmadd_ps(near, _mm512_set1_ps(0.28f), _mm512_set1_ps(1.0f)));
  __m512 p = _mm512_set1_ps(-0.10655125409565896f);
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.39295568245660256f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-0.24207491252952143f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.27307301114532306f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.06580288425145125f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.11679457393762088f));
  const __m512 tail = _mm512_mul_ps(_mm512_mul_ps(p, t), bell);
  return _mm512_fnmadd_ps(distance, tail, _mm512_max_ps(_mm512_setzero_ps(), x));
}

}  // namespace bertune::cpu::bf16
HWY_POP_ATTRIBUTES
