#ifndef CK_LANES_H
#define CK_LANES_H

// Sixteen float lanes, whatever the machine's vector width: one AVX-512 register, two AVX2, four
// NEON, or sixteen scalars. Every kernel is written once over these lanes and compiled once for
// each instruction set, so the order of every sum is the same everywhere.
//
// Contraction is off: a*b+c rounds twice unless it is written `fma16`, which rounds once on every
// instruction set (libm's fmaf where there is no instruction).
#pragma STDC FP_CONTRACT OFF

#include <stdint.h>
#include <string.h>

#define CK_LANES 16
typedef float f16v __attribute__((ext_vector_type(16)));
typedef int32_t i16v __attribute__((ext_vector_type(16)));
typedef uint32_t u16v __attribute__((ext_vector_type(16)));

#define CK_INLINE static inline __attribute__((always_inline))

CK_INLINE f16v load16(const float *p) {
  f16v v;
  memcpy(&v, p, sizeof v);
  return v;
}
CK_INLINE void store16(float *p, f16v v) { memcpy(p, &v, sizeof v); }
CK_INLINE f16v splat16(float x) { return (f16v)(x); }
CK_INLINE f16v fma16(f16v a, f16v b, f16v c) { return __builtin_elementwise_fma(a, b, c); }

#endif
