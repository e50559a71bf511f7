#ifndef CK_VECTOR_ELEMENTWISE_H
#define CK_VECTOR_ELEMENTWISE_H

#include "activation.h"
#include "pool.h"
#include "vector_gradient.h"

/// Functions of one number, with up to two parameters p and q. The first are the activations, with
/// the numbers of `ck_activation`; their parameter is p.
#define CK_UNARY_NUMBER(NUMBER, ...) CK_UNARY_##NUMBER = CK_ACTIVATION_##NUMBER,
typedef enum ck_unary_op {
  CK_ACTIVATIONS(CK_UNARY_NUMBER)
  CK_UNARY_LOG_SIGMOID,
  CK_UNARY_NEGATE,
  CK_UNARY_EXP,
  CK_UNARY_EXPM1,
  CK_UNARY_LOG,
  CK_UNARY_LOG1P,
  CK_UNARY_SQRT,
  CK_UNARY_SQUARE,
  CK_UNARY_ABS,  ///< derivative 0 at 0
  CK_UNARY_RECIPROCAL,
  CK_UNARY_SIN,
  CK_UNARY_COS,
  CK_UNARY_ERF,
  CK_UNARY_CLAMP,   ///< to p ... q; derivative 1 inside and on both bounds
  CK_UNARY_AFFINE,  ///< p·x + q, rounded once
  CK_UNARY_ROUND,   ///< to the nearest whole number, ties to even; derivative 0
  CK_UNARY_FLOOR,   ///< derivative 0
  CK_UNARY_SIGN,    ///< −1, 0 or 1; derivative 0
  CK_UNARY_STEP,    ///< 1 above 0, else 0; derivative 0
  /// The mean of a continuous Bernoulli with logit x: sigmoid(x) − 1/x + 1/sinh(x).
  CK_UNARY_CONTINUOUS_BERNOULLI_MEAN,
  CK_UNARY_LOG_COSH,
  CK_UNARY_LGAMMA,   ///< log Γ(x): infinite at 0, NaN below
  CK_UNARY_DIGAMMA,  ///< its derivative: −∞ at 0, NaN below
  /// log Γ((x + 1)/2) − log Γ(x/2) − ½ log(πx): Student's log density at 0, of x degrees of freedom.
  CK_UNARY_STUDENT_T_CONSTANT,
} ck_unary_op;
#undef CK_UNARY_NUMBER

/// Whether the derivative of `op` is computed from x (1), from y (2), both (3) or neither (0).
int ck_unary_backward_reads(ck_unary_op op);

/// y[n] = op(x[n]).
void ck_unary(ck_pool *pool, ck_unary_op op, float p, float q, long n, const float *x, float *y);

/// dx[n] = or += dy[n] · op'(x, y). `x` or `y` may be NULL where it is not read.
void ck_unary_backward(ck_pool *pool, ck_unary_op op, float p, float q, long n, const float *x,
                       const float *y, const float *dy, ck_gradient dx);

typedef enum ck_binary_op {
  CK_BINARY_ADD,
  CK_BINARY_SUBTRACT,
  CK_BINARY_MULTIPLY,
  CK_BINARY_DIVIDE,
  CK_BINARY_MAXIMUM,           ///< the gradient goes to the larger; where equal, to a
  CK_BINARY_SUBTRACT_FROM,     ///< b − a
  CK_BINARY_DIVIDE_INTO,       ///< b / a
} ck_binary_op;

/// How b stretches over a[outer, channels, inner].
typedef enum ck_broadcast {
  CK_BROADCAST_SAME,     ///< b[outer, channels, inner]
  CK_BROADCAST_SCALAR,   ///< b[1]
  CK_BROADCAST_ROW,      ///< b[inner]: a row, against a seen as [outer · channels, inner]
  CK_BROADCAST_CHANNEL,  ///< b[channels]; with outer 1 a column against [channels, inner]
} ck_broadcast;

/// Whether the gradient of `op` reads a (1), b (2), both (3) or neither (0).
int ck_binary_backward_reads(ck_binary_op op);

/// y[outer, channels, inner] = op(a, b).
void ck_binary(ck_pool *pool, ck_binary_op op, ck_broadcast kind, long outer, long channels,
               long inner, const float *a, const float *b, float *y);

/// The gradients by a and by b from dy[outer, channels, inner]; that by a stretched b is summed over
/// the elements that share it. `a` or `b` may be NULL where it is not read.
void ck_binary_backward(ck_pool *pool, ck_binary_op op, ck_broadcast kind, long outer,
                        long channels, long inner, const float *a, const float *b,
                        const float *dy, ck_gradient da, ck_gradient db);

/// y[n] += scale · x[n], rounded once.
void ck_add_scaled(ck_pool *pool, long n, float scale, const float *x, float *y);

/// y[n] += share · (x[n] − y[n]): a running mean.
void ck_approach(ck_pool *pool, long n, float share, const float *x, float *y);

/// y[n] = value.
void ck_fill(ck_pool *pool, long n, float value, float *y);

/// y[n] = or += x[n].
void ck_copy(ck_pool *pool, long n, const float *x, ck_gradient y);

/// dst[rows, cols] = or += src[rows, cols], rows `src_stride` and `dst_stride` floats apart: slices
/// and concatenation.
void ck_copy_rows(ck_pool *pool, long rows, long cols, const float *src, long src_stride,
                  ck_gradient dst, long dst_stride);

/// y[batch, n, m] = or += x[batch, m, n] with the last two axes exchanged.
void ck_transpose(ck_pool *pool, long batch, long m, long n, const float *x, ck_gradient y);

/// y[rows · times, cols]: each row of x[rows, cols] `times` times, one after another.
void ck_repeat_rows(ck_pool *pool, long rows, long cols, long times, const float *x, float *y);

/// dx[rows, cols] = or += the sum of each row's `times` copies in dy, in order.
void ck_repeat_rows_backward(ck_pool *pool, long rows, long cols, long times, const float *dy,
                             ck_gradient dx);

/// y[images, height · factor, width · factor]: each pixel of x[images, height, width] as a square.
void ck_upsample(ck_pool *pool, long images, long height, long width, long factor, const float *x,
                 float *y);

/// dx[images, height, width] = or += the sum of each square of dy, rows first, in order.
void ck_upsample_backward(ck_pool *pool, long images, long height, long width, long factor,
                          const float *dy, ck_gradient dx);

#endif
