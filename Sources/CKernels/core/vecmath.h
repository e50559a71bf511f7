#ifndef CK_VECMATH_H
#define CK_VECMATH_H

// Elementary functions over sixteen lanes, the same bits on every instruction set.
//
// Each is a polynomial evaluated by explicit fused multiply-adds; division and square root are
// exact by IEEE 754. Infinities and signed zeros give what C's functions give, and what is below the
// normal numbers is 0; NaN in, NaN out (its sign and payload are not promised). Errors are below 2.5
// units in the last place, measured over the whole range, where no comment says otherwise. Choices
// are compare-and-select, never fmin or fmax, whose treatment of NaN differs between machines.
//
// The coefficients were fitted for this file (minimax by reweighted least squares, coefficients
// rounded to Float32 from the lowest power up). Include this file inside the region that sets the
// target attribute, after the system headers. A file compiled for AVX-512 or AVX2 may define
// CK_TARGET_AVX512 or CK_TARGET_AVX2 and include <immintrin.h> first: tails then use masked loads
// and stores.
#include "core/lanes.h"

// Vectors cross no boundary between files, so the warning about passing them does not apply.
#pragma clang diagnostic ignored "-Wpsabi"

typedef double d16v __attribute__((ext_vector_type(16)));

// Bits and choices.
CK_INLINE i16v bits16(f16v x) { return (i16v)x; }
CK_INLINE f16v from_bits16(i16v x) { return (f16v)x; }
CK_INLINE f16v select16(i16v yes, f16v a, f16v b) { return yes ? a : b; }
CK_INLINE f16v abs16(f16v x) { return from_bits16(bits16(x) & 0x7fffffff); }
CK_INLINE f16v sqrt16(f16v x) { return __builtin_elementwise_sqrt(x); }

/// `magnitude` (which must not be negative) with the sign of `sign`.
CK_INLINE f16v with_sign16(f16v magnitude, f16v sign) {
  return from_bits16(bits16(magnitude) | (bits16(sign) & (int32_t)0x80000000));
}

// Parts of a vector, for the tail of an array.
CK_INLINE i16v lane_numbers16(void) {
  return (i16v){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
}

/// The first `n` lanes of `x`, zero in the others.
CK_INLINE f16v keep16(f16v x, int n) {
  return from_bits16(bits16(x) & (lane_numbers16() < (i16v)(n)));
}

#ifdef CK_TARGET_AVX2
/// The masks of the first `n` of sixteen lanes, in two halves.
CK_INLINE __m256i mask_half(int n, int half) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n - 8 * half),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
#endif

/// `n` floats (1 ... 16) from `p`, zero in the other lanes; reads nothing beyond them.
CK_INLINE f16v load_part16(const float *p, int n) {
  if (n >= 16) return load16(p);
#if defined(CK_TARGET_AVX512)
  return (f16v)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
#elif defined(CK_TARGET_AVX2)
  f16v v;
  v.lo = (__typeof__(v.lo))_mm256_maskload_ps(p, mask_half(n, 0));
  v.hi = (__typeof__(v.hi))_mm256_maskload_ps(p + 8, mask_half(n, 1));
  return v;
#else
  float t[16] = {0};
  for (int i = 0; i < n; i++) t[i] = p[i];
  return load16(t);
#endif
}

/// Stores the first `n` lanes (1 ... 16); writes nothing beyond them.
CK_INLINE void store_part16(float *p, f16v x, int n) {
  if (n >= 16) {
    store16(p, x);
    return;
  }
#if defined(CK_TARGET_AVX512)
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)x);
#elif defined(CK_TARGET_AVX2)
  _mm256_maskstore_ps(p, mask_half(n, 0), (__m256)x.lo);
  _mm256_maskstore_ps(p + 8, mask_half(n, 1), (__m256)x.hi);
#else
  float t[16];
  store16(t, x);
  for (int i = 0; i < n; i++) p[i] = t[i];
#endif
}

/// The sum of the lanes by a fixed tree: lane l + lane l+8, then +4, +2, +1.
CK_INLINE float sum16(f16v x) {
  __auto_type a = x.lo + x.hi;
  __auto_type b = a.lo + a.hi;
  __auto_type c = b.lo + b.hi;
  return c.x + c.y;
}

/// The larger of the two; NaN where either is NaN.
CK_INLINE f16v max16(f16v a, f16v b) {
  return select16((a > b) | (a != a), a, b);
}

/// The largest lane; NaN if a lane is NaN.
CK_INLINE float max_of16(f16v x) {
  float t[16];
  store16(t, x);
  for (int step = 8; step > 0; step /= 2)
    for (int l = 0; l < step; l++) t[l] = (t[l] > t[l + step] || t[l] != t[l]) ? t[l] : t[l + step];
  return t[0];
}

// Exponentials.
#define CK_LOG2E 0x1.715476p+0f
#define CK_LN2 0x1.62e430p-1f
#define CK_LN2_LOW -0x1.05c610p-29f
#define CK_ROUND 0x1.8p23f

/// The nearest integer n to x / ln 2, with r = x - n ln 2. |x| must stay below 2^20.
typedef struct exp_split {
  f16v r;
  i16v n;
} exp_split;

CK_INLINE exp_split exp_split16(f16v x) {
  f16v t = fma16(x, splat16(CK_LOG2E), splat16(CK_ROUND));
  f16v n = t - CK_ROUND;
  f16v r = fma16(n, splat16(-CK_LN2), x);
  r = fma16(n, splat16(-CK_LN2_LOW), r);
  return (exp_split){r, bits16(t) - bits16(splat16(CK_ROUND))};
}

/// (e^r - 1 - r) / r^2 for |r| <= ln(2)/2.
CK_INLINE f16v exp_tail16(f16v r) {
  f16v q = splat16(0x1.6d7a60p-10f);
  q = fma16(q, r, splat16(0x1.12399cp-7f));
  q = fma16(q, r, splat16(0x1.5554c0p-5f));
  q = fma16(q, r, splat16(0x1.555492p-3f));
  return fma16(q, r, splat16(0.5f));
}

/// 2^n for -126 <= n <= 127.
CK_INLINE f16v power_of_two16(i16v n) { return from_bits16((n + 127) << 23); }

CK_INLINE f16v exp16(f16v x) {
  f16v c = select16(x < -104.0f, splat16(-104.0f), x);
  c = select16(c > 89.0f, splat16(89.0f), c);
  exp_split s = exp_split16(c);
  f16v p = fma16(exp_tail16(s.r), s.r, splat16(1.0f));
  p = fma16(p, s.r, splat16(1.0f));
  i16v half = s.n >> 1;  // two factors, so that neither leaves the normal numbers
  return p * power_of_two16(half) * power_of_two16(s.n - half);
}

/// e^x - 1, accurate near zero too.
CK_INLINE f16v expm1_16(f16v x) {
  f16v c = select16(x < -20.0f, splat16(-20.0f), x);
  c = select16(c > 89.0f, splat16(89.0f), c);
  exp_split s = exp_split16(c);
  f16v p = fma16(s.r * s.r, exp_tail16(s.r), s.r);
  f16v scale = power_of_two16(s.n - 1);  // half of 2^n, which stays finite at n = 128
  f16v y = fma16(p, scale, scale - 0.5f);
  return select16(abs16(x) < 0x1p-25f, x, y + y);
}

/// e^x - 1 - x, accurate near zero too and never negative.
CK_INLINE f16v exp_remainder16(f16v x) {
  return select16(abs16(x) < 0.34f, x * x * exp_tail16(x), expm1_16(x) - x);
}

/// 1 / (1 + e^-x).
CK_INLINE f16v sigmoid16(f16v x) {
  f16v e = exp16(-abs16(x));
  return select16(x < 0.0f, e, splat16(1.0f)) / (e + 1.0f);
}

CK_INLINE f16v tanh16(f16v x) {
  f16v a = abs16(x);
  f16v c = select16(a > 10.0f, splat16(10.0f), a);
  f16v e = expm1_16(c + c);
  f16v y = select16(a < 0x1p-13f, a, e / (e + 2.0f));
  return with_sign16(y, x);
}

// Logarithms.

/// log(1 + f) for |f| <= 1/3.
CK_INLINE f16v log1p_core16(f16v f) {
  f16v p = splat16(-0x1.07c510p-3f);
  p = fma16(p, f, splat16(0x1.1e6d18p-3f));
  p = fma16(p, f, splat16(-0x1.f33276p-4f));
  p = fma16(p, f, splat16(0x1.1ed55ap-3f));
  p = fma16(p, f, splat16(-0x1.559c68p-3f));
  p = fma16(p, f, splat16(0x1.99d050p-3f));
  p = fma16(p, f, splat16(-0x1.fffefap-3f));
  p = fma16(p, f, splat16(0x1.555506p-2f));
  p = fma16(p, f, splat16(-0.5f));
  return fma16(f * f, p, f);
}

/// The exponent k of x = 2^k m with 2/3 <= m < 4/3, shifted to its place in the float.
CK_INLINE i16v log_exponent16(f16v x) {
  return (bits16(x) - 0x3f2aaaab) & (int32_t)0xff800000;
}

CK_INLINE f16v log16(f16v x) {
  i16v tiny = x < 0x1p-126f;
  f16v y = select16(tiny, x * 0x1p23f, x);
  i16v e = log_exponent16(y);
  f16v k = __builtin_convertvector(e >> 23, f16v) - select16(tiny, splat16(23.0f), splat16(0.0f));
  f16v f = from_bits16(bits16(y) - e) - 1.0f;
  f16v r = fma16(k, splat16(CK_LN2), log1p_core16(f));
  r = select16(x == __builtin_inff(), x, r);
  r = select16(x == 0.0f, splat16(-__builtin_inff()), r);
  return select16(x >= 0.0f, r, splat16(__builtin_nanf("")));
}

/// log(1 + x) for 0 <= x <= 1 (or NaN), without the special cases.
CK_INLINE f16v log1p_unit16(f16v x) {
  i16v e = log_exponent16(x + 1.0f);
  f16v scale = from_bits16(0x3f800000 - e);
  f16v f = fma16(x, scale, scale - 1.0f);
  return fma16(__builtin_convertvector(e >> 23, f16v), splat16(CK_LN2), log1p_core16(f));
}

/// log(1 + x), accurate near zero too.
CK_INLINE f16v log1p16(f16v x) {
  i16v e = log_exponent16(x + 1.0f);
  f16v shift = fma16(from_bits16(0x40800000 - e), splat16(0.25f), splat16(-1.0f));
  f16v f = from_bits16(bits16(x) - e) + shift;
  f16v r = fma16(__builtin_convertvector(e >> 23, f16v), splat16(CK_LN2), log1p_core16(f));
  r = select16((x == __builtin_inff()) | (x == 0.0f), x, r);
  r = select16(x == -1.0f, splat16(-__builtin_inff()), r);
  return select16(x >= -1.0f, r, splat16(__builtin_nanf("")));
}

/// log(1 + e^x).
CK_INLINE f16v softplus16(f16v x) {
  return select16(x > 0.0f, x, splat16(0.0f)) + log1p_unit16(exp16(-abs16(x)));
}

/// log(1 / (1 + e^-x)).
CK_INLINE f16v log_sigmoid16(f16v x) {
  return select16(x < 0.0f, x, splat16(0.0f)) - log1p_unit16(exp16(-abs16(x)));
}

// The error function.

/// erf(x) / x - 1 as a function of x^2, for |x| <= 0.927.
CK_INLINE f16v erf_small16(f16v square) {
  f16v p = splat16(-0x1.3a1772p-11f);
  p = fma16(p, square, splat16(0x1.474640p-8f));
  p = fma16(p, square, splat16(-0x1.b68f6cp-6f));
  p = fma16(p, square, splat16(0x1.ce1ae8p-4f));
  p = fma16(p, square, splat16(-0x1.8126eap-2f));
  return fma16(p, square, splat16(0x1.06eba6p-3f));
}

/// 1 - erf(t) for t > 0.92; absolute error below 1e-8, relative error growing with t.
CK_INLINE f16v erfc_large16(f16v t) {
  f16v p = splat16(-0x1.78d030p-17f);
  p = fma16(p, t, splat16(0x1.527946p-12f));
  p = fma16(p, t, splat16(-0x1.dd6ba6p-9f));
  p = fma16(p, t, splat16(0x1.855122p-6f));
  p = fma16(p, t, splat16(-0x1.b32568p-4f));
  p = fma16(p, t, splat16(-0x1.45328ep-1f));
  p = fma16(p, t, splat16(-0x1.0778dcp-3f));
  return exp16(fma16(p, t, -t));
}

#define CK_ERF_SPLIT 0.927f

CK_INLINE f16v erf16(f16v x) {
  f16v t = abs16(x);
  f16v small = fma16(erf_small16(t * t), t, t);
  f16v large = 1.0f - erfc_large16(t);
  return with_sign16(select16(t > CK_ERF_SPLIT, large, small), x);
}

/// The normal distribution function, (1 + erf(x / sqrt 2)) / 2; absolute error below 1e-7.
CK_INLINE f16v normal_cdf16(f16v x) {
  f16v s = x * 0x1.6a09e6p-1f;
  f16v t = abs16(s);
  f16v small = 0.5f * fma16(erf_small16(t * t), s, s) + 0.5f;
  f16v tail = 0.5f * erfc_large16(t);
  f16v large = select16(s > 0.0f, 1.0f - tail, tail);
  return select16(t > CK_ERF_SPLIT, large, small);
}

/// The normal density, exp(-x^2/2) / sqrt(2 pi); relative error below x^2 units in the last place.
CK_INLINE f16v normal_pdf16(f16v x) { return exp16(x * x * -0.5f) * 0x1.988454p-2f; }

// Circular functions.
typedef struct sin_cos {
  f16v sine, cosine;
} sin_cos;

/// Turns (sine, cosine) of a reduced angle by `quadrant` quarter turns.
CK_INLINE sin_cos rotate16(f16v sine, f16v cosine, i16v quadrant) {
  i16v swap = (quadrant & 1) != 0;
  f16v s = select16(swap, cosine, sine);
  f16v c = select16(swap, sine, cosine);
  s = from_bits16(bits16(s) ^ ((quadrant & 2) << 30));
  c = from_bits16(bits16(c) ^ (((quadrant + 1) & 2) << 30));
  return (sin_cos){s, c};
}

/// Sine and cosine of `turns` / 2^24 of a whole turn; 0 <= turns < 2^24.
CK_INLINE sin_cos sin_cos_turns16(i16v turns) {
  i16v quadrant = (turns + (1 << 21)) >> 22;
  f16v r = __builtin_convertvector(turns - (quadrant << 22), f16v) * 0x1p-22f;
  f16v q = r * r;
  f16v s = splat16(0x1.a061c2p-10f);
  s = fma16(s, q, splat16(-0x1.61ab88p-8f));
  s = fma16(s, q, splat16(0x1.46e0f8p-4f));
  s = fma16(s, q, splat16(-0x1.4abc8ap-1f));
  s = fma16(s, q, splat16(0x1.921fb6p+0f));
  f16v c = splat16(0x1.d47b48p-11f);
  c = fma16(c, q, splat16(-0x1.55b144p-6f));
  c = fma16(c, q, splat16(0x1.03c1aep-2f));
  c = fma16(c, q, splat16(-0x1.3bd3ccp+0f));
  return rotate16(s * r, fma16(c, q, splat16(1.0f)), quadrant);
}

/// Sine and cosine of x in radians. From 2^50 on, where neighbouring floats lie millions of turns
/// apart, x counts as 0; infinities give NaN.
CK_INLINE sin_cos sin_cos16(f16v x) {
  f16v y = select16((abs16(x) >= 0x1p50f) & (abs16(x) < __builtin_inff()), splat16(0.0f), x);
  d16v d = __builtin_convertvector(y, d16v);
  d16v n = __builtin_elementwise_fma(d, (d16v)(0x1.45f306dc9c883p-1), (d16v)(0x1.8p52));
  typedef int64_t l16v __attribute__((ext_vector_type(16)));
  i16v quadrant = __builtin_convertvector((l16v)n & 3, i16v);
  n -= 0x1.8p52;
  d = __builtin_elementwise_fma(n, (d16v)(-0x1.921fb54442d18p+0), d);
  d = __builtin_elementwise_fma(n, (d16v)(-0x1.1a62633145c07p-54), d);
  f16v r = __builtin_convertvector(d, f16v);
  f16v q = r * r;
  f16v s = splat16(-0x1.9956b2p-13f);
  s = fma16(s, q, splat16(0x1.11077ep-7f));
  s = fma16(s, q, splat16(-0x1.555546p-3f));
  f16v c = splat16(0x1.99e0ecp-16f);
  c = fma16(c, q, splat16(-0x1.6c0c1ap-10f));
  c = fma16(c, q, splat16(0x1.55554ap-5f));
  c = fma16(c, q, splat16(-0.5f));
  s = select16(q == 0.0f, r, fma16(s * q, r, r));  // keeps the sign of zero
  return rotate16(s, fma16(c, q, splat16(1.0f)), quadrant);
}

/// max(x, 0); NaN stays NaN.
CK_INLINE f16v relu16(f16v x) { return select16(x <= 0.0f, splat16(0.0f), x); }

#endif
