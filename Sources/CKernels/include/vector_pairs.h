#ifndef CK_VECTOR_PAIRS_H
#define CK_VECTOR_PAIRS_H

#include "pool.h"
#include "vector_gradient.h"

/// For each of n points and each of m Gaussians with independent dimensions, the log density of each
/// dimension, in nats: y[n, m, d] = −½ (log 2π + log σ² + (z − μ)² / σ²), with z[n, d],
/// mean[m, d], log_variance[m, d]. `saved`, [2, m, d], is for the gradient.
void ck_pairwise_log_density(ck_pool *pool, long n, long m, long d, const float *z,
                             const float *mean, const float *log_variance, float *saved, float *y);

/// The gradients from g[n, m, d].
void ck_pairwise_log_density_backward(ck_pool *pool, long n, long m, long d, const float *z,
                                      const float *mean, const float *saved, const float *g,
                                      ck_gradient dz, ck_gradient dmean,
                                      ck_gradient dlog_variance);

/// The most dimensions of `ck_aggregate_log_density`.
enum { CK_AGGREGATE_WIDTH = 128 };

/// The log densities of n points z[n, d] under a weighted sum of m Gaussians with independent dimensions, in nats:
/// y[n, d + 1] = log Σⱼ exp(wᵢⱼ + log N), for each dimension by itself, then for all of them. `log_weights` is
/// [n, m], or NULL: 0. The n·m·d densities themselves are stored nowhere.
///
/// `saved`, for the gradient, has 3·d·p + n·p floats, where p is m rounded up to a multiple of 16.
void ck_aggregate_log_density(ck_pool *pool, long n, long m, long d, const float *z,
                              const float *mean, const float *log_variance,
                              const float *log_weights, float *saved, float *y);

/// The gradients from g[n, d + 1] of y. `work` has n·p floats.
void ck_aggregate_log_density_backward(ck_pool *pool, long n, long m, long d, const float *z,
                                       const float *log_weights, const float *saved,
                                       const float *y, const float *g, float *work,
                                       ck_gradient dz, ck_gradient dmean,
                                       ck_gradient dlog_variance);

/// The most dimensions of `ck_aggregate_total`.
enum { CK_AGGREGATE_DIMENSIONS = 512 };

/// The densities of n points z[n, d] under the sum of m Gaussians with independent dimensions, as powers of 2:
/// total[n, d + 1] = Σⱼ 2^(lⱼ − most), for each dimension e by itself, lⱼ = constant + weight·(z − μ)², and
/// last for all of them, lⱼ summed over e.
///
/// `gaussians` is [m / 16, d, 3, 16]: means, weights and constants of 16 Gaussians side by side, m a multiple
/// of 16; those that only fill up have a constant of −1e30. `most`, [n, d + 1], is to be at least the greatest
/// lⱼ; terms of less than 2^(most − 126) count as that.
void ck_aggregate_total(ck_pool *pool, long n, long m, long d, const float *z,
                        const float *gaussians, const float *most, float *total);

/// The greatest lⱼ themselves: most[n, d + 1].
void ck_aggregate_most(ck_pool *pool, long n, long m, long d, const float *z,
                       const float *gaussians, float *most);

/// Points side by side for ck_squared_distances: so many in a block.
enum { CK_POINT_BLOCK = 32 };

/// out[n, m] = the squared Euclidean distance of each of n points z[n, d] to each of m others, m a multiple of
/// CK_POINT_BLOCK. `points` is [m / CK_POINT_BLOCK, d, CK_POINT_BLOCK]. One chain of fused multiply-adds over the
/// dimensions, of differences: equal points are at distance 0, as they would not be by a matrix product.
void ck_squared_distances(ck_pool *pool, long n, long m, long d, const float *z,
                          const float *points, float *out);

#endif
