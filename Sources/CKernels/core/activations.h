#ifndef CK_ACTIVATIONS_H
#define CK_ACTIVATIONS_H

// The activation functions of include/activation.h, `activation_name16(x, p)`, and their gradients,
// `activation_name_gradient16(v, dy, p)` = dy·f′: v is the output y for those of
// CK_ACTIVATIONS_FROM_OUTPUT and the input x for the others; p is the parameter.
#include "core/vecmath.h"
#include "include/activation.h"

#define CK_ACTIVATION(name, value)                                           \
  CK_INLINE f16v activation_##name##16(f16v x, f16v p) {                     \
    (void)p;                                                                 \
    return value;                                                            \
  }
#define CK_GRADIENT(name, v, value)                                          \
  CK_INLINE f16v activation_##name##_gradient16(f16v v, f16v dy, f16v p) {   \
    (void)p, (void)v;                                                        \
    return value;                                                            \
  }

CK_ACTIVATION(none, x)
CK_GRADIENT(none, y, dy)

CK_ACTIVATION(relu, relu16(x))
CK_GRADIENT(relu, y, select16(y > 0.0f, dy, splat16(0.0f)))

CK_ACTIVATION(leaky_relu, select16(x > 0.0f, x, x * p))
CK_GRADIENT(leaky_relu, y, select16(y > 0.0f, dy, dy * p))

CK_ACTIVATION(tanh, tanh16(x))
CK_GRADIENT(tanh, y, dy * fma16(-y, y, splat16(1.0f)))

CK_ACTIVATION(sigmoid, sigmoid16(x))
CK_GRADIENT(sigmoid, y, dy * (y * (1.0f - y)))

CK_ACTIVATION(elu, select16(x > 0.0f, x, expm1_16(x) * p))
CK_GRADIENT(elu, y, select16(y > 0.0f, dy, dy * (y + p)))

CK_ACTIVATION(softplus, softplus16(x))
CK_GRADIENT(softplus, y, dy * -expm1_16(-y))

CK_ACTIVATION(gelu, x * normal_cdf16(x))
CK_GRADIENT(gelu, x, dy * fma16(x, normal_pdf16(x), normal_cdf16(x)))

/// √(2/π)·(x + 0.044715·x³). Source: Hendrycks & Gimpel, "Gaussian Error Linear Units", 2016.
CK_INLINE f16v gelu_tanh_inner16(f16v x) {
  return x * 0x1.988454p-1f * fma16(x * x, splat16(0.044715f), splat16(1.0f));
}
CK_INLINE f16v gelu_tanh_slope16(f16v x) {
  f16v t = tanh16(gelu_tanh_inner16(x));
  f16v slope = 0x1.988454p-1f * fma16(x * x, splat16(3.0f * 0.044715f), splat16(1.0f));
  return 0.5f * (t + 1.0f) + 0.5f * x * fma16(-t, t, splat16(1.0f)) * slope;
}
CK_ACTIVATION(gelu_tanh, 0.5f * x * (tanh16(gelu_tanh_inner16(x)) + 1.0f))
CK_GRADIENT(gelu_tanh, x, dy * gelu_tanh_slope16(x))

CK_INLINE f16v silu_slope16(f16v x) {
  f16v s = sigmoid16(x);
  return s * fma16(x, 1.0f - s, splat16(1.0f));
}
CK_ACTIVATION(silu, x * sigmoid16(x))
CK_GRADIENT(silu, x, dy * silu_slope16(x))

#undef CK_ACTIVATION
#undef CK_GRADIENT

#endif
