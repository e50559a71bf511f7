#ifndef CK_DOUBLE_MATH_H
#define CK_DOUBLE_MATH_H

// Functions over sixteen lanes of doubles, where float32 would lose what cancels: log Γ of large numbers
// and what is made of it. Products and sums are rounded one by one, so that the bits are the same on
// every instruction set.
#include "core/vecmath.h"

typedef int64_t l16v __attribute__((ext_vector_type(16)));

CK_INLINE d16v widen16(f16v x) { return __builtin_convertvector(x, d16v); }
CK_INLINE f16v narrow16(d16v x) { return __builtin_convertvector(x, f16v); }
CK_INLINE d16v double16(double x) { return (d16v)(x); }
CK_INLINE d16v choose16(l16v yes, d16v a, d16v b) { return yes ? a : b; }

/// log x for positive, normal x; the error is below 1e-15, relative to the larger of 1 and the result.
CK_INLINE d16v log_double16(d16v x) {
  // x = 2^k m with m in [√½, √2); log m = 2·artanh(s), s = (m − 1)/(m + 1), |s| < 0.172.
  l16v k = ((l16v)x - 0x3fe6a09e667f3bcdLL) >> 52;
  d16v m = (d16v)((l16v)x - (k << 52));
  d16v s = (m - 1.0) / (m + 1.0), q = s * s;
  d16v p = double16(1.0 / 21);
  p = p * q + 1.0 / 19;
  p = p * q + 1.0 / 17;
  p = p * q + 1.0 / 15;
  p = p * q + 1.0 / 13;
  p = p * q + 1.0 / 11;
  p = p * q + 1.0 / 9;
  p = p * q + 1.0 / 7;
  p = p * q + 1.0 / 5;
  p = p * q + 1.0 / 3;
  p = p * q + 1.0;
  d16v exponent = __builtin_convertvector(__builtin_convertvector(k, i16v), d16v);
  return exponent * 0.693147180559945309417 + 2.0 * s * p;
}

/// e^x, of x from −700 to 700 (others count as the nearer bound); relative error below 1e-15.
CK_INLINE d16v exp_double16(d16v x) {
  d16v c = choose16(x < -700.0, double16(-700.0), x);
  c = choose16(c > 700.0, double16(700.0), c);
  d16v t = c * 1.44269504088896340736 + 0x1.8p52;
  d16v n = t - 0x1.8p52;
  d16v r = c - n * 0x1.62e42feep-1;
  r = r - n * 0x1.a39ef35793c76p-33;
  d16v p = double16(1.0 / 6227020800);
  p = p * r + 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  l16v whole = (l16v)t - (l16v)double16(0x1.8p52);
  return p * (d16v)((whole + 1023) << 52);
}

/// log Γ and its derivative.
typedef struct gamma16 {
  d16v log, slope;
} gamma16;

/// log Γ(x) and ψ(x) for x > 0: by Γ(x + 1) = x·Γ(x) to 8 and beyond, and from there by Stirling's
/// series. Relative errors of x below 1e-15 are all that shows, but at the zeros.
CK_INLINE gamma16 gamma_double16(d16v x) {
  d16v z = x, product = double16(1.0), sum = double16(0.0);  // Π z and (Σ 1/z)·Π z
#pragma clang loop unroll(disable)
  for (int step = 0; step < 8; step++) {
    l16v small = z < 8.0;
    sum = choose16(small, sum * z + product, sum);
    product = choose16(small, product * z, product);
    z = choose16(small, z + 1.0, z);
  }
  d16v log = log_double16(z), w = 1.0 / z, q = w * w;
  d16v series = double16(1.0 / 156);
  series = series * q - 691.0 / 360360;
  series = series * q + 1.0 / 1188;
  series = series * q - 1.0 / 1680;
  series = series * q + 1.0 / 1260;
  series = series * q - 1.0 / 360;
  series = series * q + 1.0 / 12;
  d16v slope = double16(-1.0 / 12);
  slope = slope * q + 691.0 / 32760;
  slope = slope * q - 1.0 / 132;
  slope = slope * q + 1.0 / 240;
  slope = slope * q - 1.0 / 252;
  slope = slope * q + 1.0 / 120;
  slope = slope * q - 1.0 / 12;
  return (gamma16){
      (z - 0.5) * log - z + 0.918938533204672741780 + series * w - log_double16(product),
      log - 0.5 * w + slope * q - sum / product};
}

/// ψ'(x) for x > 0, likewise.
CK_INLINE d16v trigamma_double16(d16v x) {
  d16v z = x, sum = double16(0.0);
#pragma clang loop unroll(disable)
  for (int step = 0; step < 8; step++) {
    l16v small = z < 8.0;
    sum = choose16(small, sum + 1.0 / (z * z), sum);
    z = choose16(small, z + 1.0, z);
  }
  d16v w = 1.0 / z, q = w * w;
  d16v series = double16(7.0 / 6);
  series = series * q - 691.0 / 2730;
  series = series * q + 5.0 / 66;
  series = series * q - 1.0 / 30;
  series = series * q + 1.0 / 42;
  series = series * q - 1.0 / 30;
  series = series * q + 1.0 / 6;
  return sum + w + 0.5 * q + series * q * w;
}

// The same of floats, rounded once: infinite at 0, NaN below.

/// `x` where it is positive and finite, else 1.
CK_INLINE d16v positive16(f16v x) {
  return widen16(select16((x > 0.0f) & (x < __builtin_inff()), x, splat16(1.0f)));
}

/// `y`, but `at_zero` and `at_infinity` there, and NaN below 0.
CK_INLINE f16v bounded16(f16v x, f16v y, float at_zero, float at_infinity) {
  y = select16(x == 0.0f, splat16(at_zero), y);
  y = select16(x == __builtin_inff(), splat16(at_infinity), y);
  return select16(x >= 0.0f, y, splat16(__builtin_nanf("")));
}

CK_INLINE f16v lgamma16(f16v x) {
  f16v y = narrow16(gamma_double16(positive16(x)).log);
  y = select16((x == 1.0f) | (x == 2.0f), splat16(0.0f), y);
  return bounded16(x, y, __builtin_inff(), __builtin_inff());
}

CK_INLINE f16v digamma16(f16v x) {
  f16v y = narrow16(gamma_double16(positive16(x)).slope);
  return bounded16(x, y, -__builtin_inff(), __builtin_inff());
}

CK_INLINE f16v trigamma16(f16v x) {
  f16v y = narrow16(trigamma_double16(positive16(x)));
  return bounded16(x, y, __builtin_inff(), 0.0f);
}

/// log Γ((ν + 1)/2) − log Γ(ν/2) − ½ log(πν): the logarithm of Student's density at 0.
CK_INLINE f16v student_t_constant16(f16v freedom) {
  d16v v = positive16(freedom);
  d16v y = gamma_double16(0.5 * v + 0.5).log - gamma_double16(0.5 * v).log;
  y = y - 0.5 * log_double16(3.14159265358979323846 * v);
  return bounded16(freedom, narrow16(y), -__builtin_inff(), -0.91893853f);
}

CK_INLINE f16v student_t_constant_slope16(f16v freedom) {
  d16v v = positive16(freedom);
  d16v y = gamma_double16(0.5 * v + 0.5).slope - gamma_double16(0.5 * v).slope;
  return bounded16(freedom, narrow16(0.5 * (y - 1.0 / v)), __builtin_inff(), 0.0f);
}

#endif
