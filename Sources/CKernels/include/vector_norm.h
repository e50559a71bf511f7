#ifndef CK_VECTOR_NORM_H
#define CK_VECTOR_NORM_H

#include <stdint.h>

#include "pool.h"
#include "vector_gradient.h"

/// Batch normalisation of x[batch, channels, inner] over batch and inner, with this batch's
/// statistics: y = (x − mean)/√(variance + epsilon) · scale + shift, the variance divided by
/// n = batch · inner. n > 0.
///
/// `mean`[channels] and `deviation_inverse`[channels] (1/√(variance + epsilon)) are outputs that
/// the gradient needs. `running_mean` and `running_variance` [channels], if not NULL, move towards
/// the batch's by `momentum`, the variance there divided by n − 1, as in PyTorch.
/// `scale` and `shift` [channels] may be NULL: 1 and 0.
///
/// Source: Ioffe & Szegedy, "Batch normalization", ICML 2015.
void ck_batch_norm(ck_pool *pool, long batch, long channels, long inner, const float *x,
                   const float *scale, const float *shift, float epsilon, float momentum,
                   float *running_mean, float *running_variance, float *y, float *mean,
                   float *deviation_inverse);

/// The same with given statistics. `deviation_inverse`[channels] is an output.
void ck_batch_norm_frozen(ck_pool *pool, long batch, long channels, long inner, const float *x,
                          const float *scale, const float *shift, float epsilon, const float *mean,
                          const float *variance, float *y, float *deviation_inverse);

/// The gradients of either. `frozen`: the statistics were given, and pass nothing on.
void ck_batch_norm_backward(ck_pool *pool, int frozen, long batch, long channels, long inner,
                            const float *x, const float *scale, const float *mean,
                            const float *deviation_inverse, const float *dy, ck_gradient dx,
                            ck_gradient dscale, ck_gradient dshift);

/// Layer normalisation of each row of x[rows, cols]:
/// y = (x − mean)/√(variance + epsilon) · scale + shift, the variance divided by cols. cols > 0.
///
/// `mean`[rows] and `deviation_inverse`[rows] are outputs; `scale` and `shift` are [cols] or NULL.
///
/// Source: Ba, Kiros & Hinton, "Layer normalization", 2016.
void ck_layer_norm(ck_pool *pool, long rows, long cols, const float *x, const float *scale,
                   const float *shift, float epsilon, float *y, float *mean,
                   float *deviation_inverse);
void ck_layer_norm_backward(ck_pool *pool, long rows, long cols, const float *x,
                            const float *scale, const float *mean, const float *deviation_inverse,
                            const float *dy, ck_gradient dx, ck_gradient dscale,
                            ck_gradient dshift);

/// Group normalisation of x[batch, channels, inner]: mean and variance of each example over each of
/// `groups` runs of channels / groups channels, scale and shift [channels] or NULL.
///
/// `mean` and `deviation_inverse` [batch, groups] are outputs. `groups` divides `channels`.
///
/// Source: Wu & He, "Group normalization", ECCV 2018.
void ck_group_norm(ck_pool *pool, long batch, long channels, long inner, long groups,
                   const float *x, const float *scale, const float *shift, float epsilon, float *y,
                   float *mean, float *deviation_inverse);
void ck_group_norm_backward(ck_pool *pool, long batch, long channels, long inner, long groups,
                            const float *x, const float *scale, const float *mean,
                            const float *deviation_inverse, const float *dy, ck_gradient dx,
                            ck_gradient dscale, ck_gradient dshift);

/// y[n] = or += x[n] / (1 − rate), or 0 where ck_random_uniform of the same key is below `rate`.
/// The gradient is the same function of dy with the same key. 0 <= rate < 1.
void ck_dropout(ck_pool *pool, float rate, uint64_t seed, uint64_t stream, uint64_t position,
                long n, const float *x, ck_gradient y);

#endif
