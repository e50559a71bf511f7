#ifndef CK_VECTOR_AXIS_H
#define CK_VECTOR_AXIS_H

#include "pool.h"
#include "vector_gradient.h"

// Along the middle axis of x[outer, length, inner]: what is summed becomes [outer, inner]. Sums add
// 128 elements in order in float32, and those sums in order in double. length > 0.

/// y[outer, inner] = log Σ exp(x), without overflow.
void ck_log_sum_exp_axis(ck_pool *pool, long outer, long length, long inner, const float *x,
                         float *y);

/// dx = or += g[outer, inner] · exp(x − y), with y from ck_log_sum_exp_axis.
void ck_log_sum_exp_axis_backward(ck_pool *pool, long outer, long length, long inner,
                                  const float *x, const float *y, const float *g, ck_gradient dx);

/// y[outer, length, inner] = x − log Σ exp(x).
void ck_log_softmax_axis(ck_pool *pool, long outer, long length, long inner, const float *x,
                         float *y);

/// dx = or += dy − exp(y) · Σ dy.
void ck_log_softmax_axis_backward(ck_pool *pool, long outer, long length, long inner,
                                  const float *y, const float *dy, ck_gradient dx);

/// y[outer, inner] = Σ x, and its gradient: dx = or += g[outer, inner].
void ck_sum_axis(ck_pool *pool, long outer, long length, long inner, const float *x, float *y);
void ck_sum_axis_backward(ck_pool *pool, long outer, long length, long inner, const float *g,
                          ck_gradient dx);

#endif
