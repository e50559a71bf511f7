// Pairs of points and Gaussians: see vector_pairs.h.
#include "include/vector_pairs.h"

#include <stddef.h>

#include "vector/kernels.h"

void ck_pairwise_log_density(ck_pool *pool, long n, long m, long d, const float *z,
                             const float *mean, const float *log_variance, float *saved,
                             float *y) {
  ck_pairs_args args = {.n = n,
                        .m = m,
                        .d = d,
                        .z = z,
                        .mean = mean,
                        .log_variance = log_variance,
                        .saved = saved,
                        .out = {y, 0}};
  ck_vector_run(pool, CK_KERNEL_pairs_prepare, &args, m * d, ck_heavy_grain(1));
  ck_vector_run(pool, CK_KERNEL_pairs_log_density, &args, n, ck_light_grain(m * d));
}

void ck_pairwise_log_density_backward(ck_pool *pool, long n, long m, long d, const float *z,
                                      const float *mean, const float *saved, const float *g,
                                      ck_gradient dz, ck_gradient dmean,
                                      ck_gradient dlog_variance) {
  ck_pairs_args args = {.n = n, .m = m, .d = d, .z = z, .mean = mean, .g = g, .out = dz};
  args.saved = (float *)saved;  // only read
  args.dmean = dmean;
  args.dlog_variance = dlog_variance;
  if (dz.to) ck_vector_run(pool, CK_KERNEL_pairs_backward_point, &args, n, ck_light_grain(m * d));
  if (dmean.to || dlog_variance.to)
    ck_vector_run(pool, CK_KERNEL_pairs_backward_gaussian, &args, m, ck_light_grain(n * d));
}

static ck_mixture_args mixture(long n, long m, long d, const float *z, const float *log_weights,
                               float *saved) {
  long padded = (m + 15) / 16 * 16;
  return (ck_mixture_args){.n = n,
                           .m = m,
                           .d = d,
                           .padded = padded,
                           .z = z,
                           .log_weights = log_weights,
                           .columns = saved,
                           .joint = saved + 3 * d * padded};
}

void ck_aggregate_log_density(ck_pool *pool, long n, long m, long d, const float *z,
                              const float *mean, const float *log_variance,
                              const float *log_weights, float *saved, float *y) {
  ck_mixture_args a = mixture(n, m, d, z, log_weights, saved);
  a.mean = mean, a.log_variance = log_variance, a.y = y;
  ck_vector_run(pool, CK_KERNEL_mixture_prepare, &a, a.padded / 16, ck_heavy_grain(16 * d));
  ck_vector_run(pool, CK_KERNEL_mixture_density, &a, n, ck_heavy_grain(m * d));
}

void ck_aggregate_log_density_backward(ck_pool *pool, long n, long m, long d, const float *z,
                                       const float *log_weights, const float *saved,
                                       const float *y, const float *g, float *work,
                                       ck_gradient dz, ck_gradient dmean,
                                       ck_gradient dlog_variance) {
  ck_mixture_args a = mixture(n, m, d, z, log_weights, (float *)saved);  // only read
  a.y = (float *)y, a.g = g, a.shares = work, a.dz = dz;
  a.dmean = dmean, a.dlog_variance = dlog_variance;
  ck_vector_run(pool, CK_KERNEL_mixture_backward_point, &a, n, ck_heavy_grain(m * d));
  if (dmean.to || dlog_variance.to)
    ck_vector_run(pool, CK_KERNEL_mixture_backward_gaussian, &a, a.padded / 16,
                  ck_heavy_grain(16 * n * d));
}

void ck_aggregate_most(ck_pool *pool, long n, long m, long d, const float *z,
                       const float *gaussians, float *most) {
  ck_aggregate_args args = {.m = m, .d = d, .z = z, .gaussians = gaussians, .most = most};
  ck_vector_run(pool, CK_KERNEL_aggregate_most, &args, n, ck_heavy_grain(m * d));
}

void ck_aggregate_total(ck_pool *pool, long n, long m, long d, const float *z,
                        const float *gaussians, const float *most, float *total) {
  ck_aggregate_args args = {.m = m, .d = d, .z = z, .gaussians = gaussians, .total = total};
  args.most = (float *)most;  // only read
  ck_vector_run(pool, CK_KERNEL_aggregate_total, &args, n, 8 * ck_heavy_grain(8 * m * d));
}

void ck_squared_distances(ck_pool *pool, long n, long m, long d, const float *z,
                          const float *points, float *out) {
  ck_distance_args args = {.m = m, .d = d, .z = z, .points = points, .out = out};
  ck_vector_run(pool, CK_KERNEL_squared_distances, &args, n, 16 * ck_light_grain(m * d));
}
