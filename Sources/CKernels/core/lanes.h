#ifndef CK_LANES_H
#define CK_LANES_H

// Sixteen float lanes, whatever the machine's vector width: one AVX-512 register, two AVX2, four
// NEON, or sixteen scalars. Every kernel is written once over these lanes and compiled once for
// each instruction set, so the order of every sum is the same everywhere.
//
// Contraction is off: a*b+c rounds twice unless it is written `fma16`, which rounds once on every
// instruction set (libm's fmaf, or CK_FMA_BY_HAND, where there is no instruction).
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

#ifdef CK_FMA_BY_HAND
// For machines without the instruction: the product is exact in double; the sum is rounded to odd
// there, after which rounding to float gives what rounding once would have given.
// Source: Boldo & Melquiond, "Emulation of FMA and correctly rounded sums", IEEE TC 2008.
typedef float f4v __attribute__((ext_vector_type(4)));
typedef double d4v __attribute__((ext_vector_type(4)));
typedef int64_t l4v __attribute__((ext_vector_type(4)));

CK_INLINE f4v fma4(f4v a, f4v b, f4v c) {
  d4v product = __builtin_convertvector(a, d4v) * __builtin_convertvector(b, d4v);
  d4v addend = __builtin_convertvector(c, d4v);
  d4v sum = product + addend;
  d4v back = sum - product;
  d4v error = (product - (sum - back)) + (addend - back);  // exact
  l4v even_and_inexact = ((error > 0.0) | (error < 0.0)) & (((l4v)sum & 1) == 0);
  l4v towards_error = (((l4v)error ^ (l4v)sum) >> 63) | 1;
  return __builtin_convertvector((d4v)((l4v)sum + (even_and_inexact & towards_error)), f4v);
}

static __attribute__((noinline, unused)) f16v fma16(f16v a, f16v b, f16v c) {
  f16v r;
  r.lo.lo = fma4(a.lo.lo, b.lo.lo, c.lo.lo);
  r.lo.hi = fma4(a.lo.hi, b.lo.hi, c.lo.hi);
  r.hi.lo = fma4(a.hi.lo, b.hi.lo, c.hi.lo);
  r.hi.hi = fma4(a.hi.hi, b.hi.hi, c.hi.hi);
  return r;
}
#else
CK_INLINE f16v fma16(f16v a, f16v b, f16v c) { return __builtin_elementwise_fma(a, b, c); }
#endif

#endif
