// Functions of one number and their derivatives.

CK_INLINE f16v gelu_tanh_inner16(f16v x) {
  return x * 0x1.988454p-1f * fma16(x * x, splat16(0.044715f), splat16(1.0f));
}

CK_INLINE f16v gelu_tanh16(f16v x) { return 0.5f * x * (tanh16(gelu_tanh_inner16(x)) + 1.0f); }

CK_INLINE f16v gelu_tanh_derivative16(f16v x) {
  f16v t = tanh16(gelu_tanh_inner16(x));
  f16v slope = 0x1.988454p-1f * fma16(x * x, splat16(3.0f * 0.044715f), splat16(1.0f));
  return 0.5f * (t + 1.0f) + 0.5f * x * fma16(-t, t, splat16(1.0f)) * slope;
}

/// 1/x − 1/sinh(x): how far the continuous Bernoulli's mean lies below sigmoid(x). Below 1.5 a
/// polynomial, where the difference would cancel.
CK_INLINE f16v inverse_minus_csch16(f16v x) {
  f16v s = x * x;
  f16v p = splat16(0x1.7096d2p-23f);
  p = fma16(p, s, splat16(-0x1.3764e6p-19f));
  p = fma16(p, s, splat16(0x1.72b440p-16f));
  p = fma16(p, s, splat16(-0x1.bab09ap-13f));
  p = fma16(p, s, splat16(0x1.0cd1bap-9f));
  p = fma16(p, s, splat16(-0x1.3e9458p-6f));
  p = fma16(p, s, splat16(0x1.555556p-3f));
  f16v a = abs16(x);
  f16v e = exp16(-a);
  f16v csch = 2.0f * e / fma16(-e, e, splat16(1.0f));
  return select16(a < 1.5f, p * x, with_sign16(1.0f / a - csch, x));
}

CK_INLINE f16v clamp16(f16v x, f16v low, f16v high) {
  f16v y = select16(x < low, low, x);
  return select16(y > high, high, y);
}

static void unary(const void *args, long begin, long end) {
  const ck_unary_args *a = args;
  const float *x = a->x;
  float *y = a->out.to;
  const f16v p = splat16(a->p), q = splat16(a->q);
  switch (a->op) {
#define X IN(x)
#define CASE(op, value)                                                                            \
  case op:                                                                                         \
    LANES(begin, end, OUT(y, value););                                                             \
    break;
    CASE(CK_UNARY_IDENTITY, X)
    CASE(CK_UNARY_RELU, relu16(X))
    CASE(CK_UNARY_LEAKY_RELU, leaky_relu16(X, p))
    CASE(CK_UNARY_TANH, tanh16(X))
    CASE(CK_UNARY_SIGMOID, sigmoid16(X))
    CASE(CK_UNARY_ELU, elu16(X, p))
    CASE(CK_UNARY_GELU, gelu16(X))
    CASE(CK_UNARY_GELU_TANH, gelu_tanh16(X))
    CASE(CK_UNARY_SILU, silu16(X))
    CASE(CK_UNARY_SOFTPLUS, softplus16(X))
    CASE(CK_UNARY_LOG_SIGMOID, log_sigmoid16(X))
    CASE(CK_UNARY_NEGATE, -X)
    CASE(CK_UNARY_EXP, exp16(X))
    CASE(CK_UNARY_EXPM1, expm1_16(X))
    CASE(CK_UNARY_LOG, log16(X))
    CASE(CK_UNARY_LOG1P, log1p16(X))
    CASE(CK_UNARY_SQRT, sqrt16(X))
    CASE(CK_UNARY_ABS, abs16(X))
    CASE(CK_UNARY_RECIPROCAL, 1.0f / X)
    CASE(CK_UNARY_SIN, sin_cos16(X).sine)
    CASE(CK_UNARY_COS, sin_cos16(X).cosine)
    CASE(CK_UNARY_ERF, erf16(X))
    CASE(CK_UNARY_CLAMP, clamp16(X, p, q))
    CASE(CK_UNARY_AFFINE, fma16(X, p, q))
#undef CASE
  case CK_UNARY_SQUARE:
    LANES(begin, end, {
      f16v v = X;
      OUT(y, v * v);
    });
    break;
  case CK_UNARY_CONTINUOUS_BERNOULLI_MEAN:
    LANES(begin, end, {
      f16v v = X;
      OUT(y, sigmoid16(v) - inverse_minus_csch16(v));
    });
    break;
#undef X
  }
}

/// dz = dy · f'(y) for the activations whose derivative is a function of their output.
CK_INLINE f16v activation_derivative16(const ck_activation op, f16v y, f16v dy, f16v p) {
  switch (op) {
  case CK_ACTIVATION_RELU:
    return select16(y > 0.0f, dy, splat16(0.0f));
  case CK_ACTIVATION_LEAKY_RELU:
    return select16(y > 0.0f, dy, dy * p);
  case CK_ACTIVATION_TANH:
    return dy * fma16(-y, y, splat16(1.0f));
  case CK_ACTIVATION_SIGMOID:
    return dy * (y * (1.0f - y));
  case CK_ACTIVATION_ELU:
    return select16(y > 0.0f, dy, dy * (y + p));
  case CK_ACTIVATION_SOFTPLUS:
    return dy * -expm1_16(-y);
  default:
    return dy;
  }
}

CK_INLINE f16v normal_cdf_derivative16(f16v x) {
  return fma16(x, normal_pdf16(x), normal_cdf16(x));
}

CK_INLINE f16v silu_derivative16(f16v x) {
  f16v s = sigmoid16(x);
  return s * fma16(x, 1.0f - s, splat16(1.0f));
}

CK_INLINE f16v sign16(f16v x) {
  return select16(x == 0.0f, splat16(0.0f), with_sign16(splat16(1.0f), x));
}

static void unary_backward(const void *args, long begin, long end) {
  const ck_unary_args *a = args;
  const float *x = a->x, *y = a->y, *dy = a->dy;
  const ck_gradient dx = a->out;
  const f16v p = splat16(a->p), q = splat16(a->q);
  switch (a->op) {
#define X IN(x)
#define Y IN(y)
#define G IN(dy)
#define CASE(op, value)                                                                            \
  case op:                                                                                         \
    LANES(begin, end, GIVE(dx, value););                                                           \
    break;
#define ACTIVATION(name)                                                                           \
  CASE(CK_UNARY_##name, activation_derivative16(CK_ACTIVATION_##name, Y, G, p))
    ACTIVATION(RELU)
    ACTIVATION(LEAKY_RELU)
    ACTIVATION(TANH)
    ACTIVATION(SIGMOID)
    ACTIVATION(ELU)
    ACTIVATION(SOFTPLUS)
    CASE(CK_UNARY_IDENTITY, G)
    CASE(CK_UNARY_GELU, G * normal_cdf_derivative16(X))
    CASE(CK_UNARY_GELU_TANH, G * gelu_tanh_derivative16(X))
    CASE(CK_UNARY_SILU, G * silu_derivative16(X))
    CASE(CK_UNARY_LOG_SIGMOID, G * -expm1_16(Y))
    CASE(CK_UNARY_NEGATE, -G)
    CASE(CK_UNARY_EXP, G * Y)
    CASE(CK_UNARY_EXPM1, G * (Y + 1.0f))
    CASE(CK_UNARY_LOG, G / X)
    CASE(CK_UNARY_LOG1P, G / (X + 1.0f))
    CASE(CK_UNARY_SQRT, G * (0.5f / Y))
    CASE(CK_UNARY_SQUARE, G * (X * 2.0f))
    CASE(CK_UNARY_ABS, G * sign16(X))
    CASE(CK_UNARY_SIN, G * sin_cos16(X).cosine)
    CASE(CK_UNARY_COS, G * -sin_cos16(X).sine)
    CASE(CK_UNARY_AFFINE, G * p)
#undef CASE
#undef ACTIVATION
  case CK_UNARY_RECIPROCAL:
    LANES(begin, end, {
      f16v v = Y;
      GIVE(dx, G * -(v * v));
    });
    break;
  case CK_UNARY_ERF:
    LANES(begin, end, {
      f16v v = X;
      GIVE(dx, G * (0x1.20dd76p+0f * exp16(-v * v)));
    });
    break;
  case CK_UNARY_CLAMP:
    LANES(begin, end, {
      f16v v = X;
      GIVE(dx, select16((v < p) | (v > q), splat16(0.0f), G));
    });
    break;
  case CK_UNARY_CONTINUOUS_BERNOULLI_MEAN:  // refused by ck_unary_backward
    break;
#undef X
#undef Y
#undef G
  }
}
