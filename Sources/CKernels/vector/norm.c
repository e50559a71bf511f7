// Batch and layer normalisation, dropout: see vector_norm.h.
#include <stddef.h>

#include "core/scratch.h"
#include "vector/kernels.h"

static ck_sums sums_of(long batch, long channels, long inner) {
  return (ck_sums){.batch = batch, .channels = channels, .inner = inner};
}

/// One kernel over rows of columns (inner 1) or the images of channels.
static void run_batch_norm(ck_pool *pool, ck_kernel_number rows, ck_kernel_number channels,
                           ck_norm_args *args, long batch) {
  if (args->inner == 1)
    ck_vector_run(pool, rows, args, batch, ck_light_grain(args->channels));
  else
    ck_vector_run(pool, channels, args, batch * args->channels, ck_light_grain(args->inner));
}

static float inverse_root(double variance, float epsilon) {
  return (float)(1.0 / __builtin_sqrt(variance + (double)epsilon));
}

void ck_batch_norm(ck_pool *pool, long batch, long channels, long inner, const float *x,
                   const float *scale, const float *shift, float epsilon, float momentum,
                   float *running_mean, float *running_variance, float *y, float *mean,
                   float *deviation_inverse) {
  double n = (double)batch * (double)inner;
  ck_sum_channels(pool, batch, channels, inner, x, (ck_gradient){mean, 0});
  for (long c = 0; c < channels; c++) mean[c] = (float)((double)mean[c] / n);

  ck_norm_args args = {.sums = sums_of(batch, channels, inner),
                       .channels = channels,
                       .inner = inner,
                       .x = x,
                       .scale = scale,
                       .shift = shift,
                       .given_mean = mean,
                       .given_inverse = deviation_inverse,
                       .y = y,
                       .mean = mean};
  args.sums.result[0] = (ck_gradient){deviation_inverse, 0};
  ck_run_sums(pool, CK_KERNEL_square_deviation_columns, CK_KERNEL_square_deviation_channels,
              &args.sums);
  for (long c = 0; c < channels; c++) {
    double squares = (double)deviation_inverse[c];
    deviation_inverse[c] = inverse_root(squares / n, epsilon);
    if (!running_mean) continue;
    float unbiased = (float)(squares / (n > 1 ? n - 1 : 1));
    running_mean[c] += momentum * (mean[c] - running_mean[c]);
    running_variance[c] += momentum * (unbiased - running_variance[c]);
  }
  run_batch_norm(pool, CK_KERNEL_batch_norm_rows, CK_KERNEL_batch_norm_channels, &args, batch);
}

void ck_batch_norm_frozen(ck_pool *pool, long batch, long channels, long inner, const float *x,
                          const float *scale, const float *shift, float epsilon, const float *mean,
                          const float *variance, float *y, float *deviation_inverse) {
  for (long c = 0; c < channels; c++)
    deviation_inverse[c] = inverse_root((double)variance[c], epsilon);
  ck_norm_args args = {.channels = channels,
                       .inner = inner,
                       .x = x,
                       .scale = scale,
                       .shift = shift,
                       .given_mean = mean,
                       .given_inverse = deviation_inverse,
                       .y = y};
  run_batch_norm(pool, CK_KERNEL_batch_norm_rows, CK_KERNEL_batch_norm_channels, &args, batch);
}

static void give(ck_gradient to, const float *values, long n) {
  if (!to.to) return;
  for (long i = 0; i < n; i++) to.to[i] = to.add ? to.to[i] + values[i] : values[i];
}

void ck_batch_norm_backward(ck_pool *pool, int frozen, long batch, long channels, long inner,
                            const float *x, const float *scale, const float *mean,
                            const float *deviation_inverse, const float *dy, ck_gradient dx,
                            ck_gradient dscale, ck_gradient dshift) {
  // The two sums of each channel, behind the partial sums of the groups.
  const long partial = 2 * channels * 8;
  double *memory =
      (double *)(void *)ck_scratch(pool, 0, CK_SCRATCH_PARTIAL, 2 * partial + 2 * channels);
  float *sum_dy = (float *)(void *)(memory + partial), *sum_dy_xhat = sum_dy + channels;
  ck_norm_args args = {.sums = sums_of(batch, channels, inner),
                       .channels = channels,
                       .inner = inner,
                       .frozen = frozen,
                       .count = (double)batch * (double)inner,
                       .x = x,
                       .scale = scale,
                       .dy = dy,
                       .given_mean = mean,
                       .given_inverse = deviation_inverse,
                       .sum_dy = sum_dy,
                       .sum_dy_xhat = sum_dy_xhat,
                       .dx = dx};
  args.sums.partial = memory;
  args.sums.result[0] = (ck_gradient){sum_dy, 0};
  args.sums.result[1] = (ck_gradient){sum_dy_xhat, 0};
  ck_run_sums(pool, CK_KERNEL_batch_norm_sums_columns, CK_KERNEL_batch_norm_sums_channels,
              &args.sums);
  give(dshift, sum_dy, channels);
  give(dscale, sum_dy_xhat, channels);
  if (dx.to)
    run_batch_norm(pool, CK_KERNEL_batch_norm_backward_rows,
                   CK_KERNEL_batch_norm_backward_channels, &args, batch);
}

void ck_layer_norm(ck_pool *pool, long rows, long cols, const float *x, const float *scale,
                   const float *shift, float epsilon, float *y, float *mean,
                   float *deviation_inverse) {
  ck_norm_args args = {.cols = cols,
                       .epsilon = epsilon,
                       .x = x,
                       .scale = scale,
                       .shift = shift,
                       .y = y,
                       .mean = mean,
                       .inverse = deviation_inverse};
  ck_vector_run(pool, CK_KERNEL_layer_norm, &args, rows, ck_light_grain(cols));
}

void ck_layer_norm_backward(ck_pool *pool, long rows, long cols, const float *x,
                            const float *scale, const float *mean, const float *deviation_inverse,
                            const float *dy, ck_gradient dx, ck_gradient dscale,
                            ck_gradient dshift) {
  ck_norm_args args = {.sums = sums_of(rows, cols, 1),
                       .cols = cols,
                       .x = x,
                       .scale = scale,
                       .dy = dy,
                       .given_mean = mean,
                       .given_inverse = deviation_inverse,
                       .dx = dx};
  args.sums.result[0] = dscale;
  args.sums.result[1] = dshift;
  if (dx.to)
    ck_vector_run(pool, CK_KERNEL_layer_norm_backward, &args, rows, ck_light_grain(cols));
  if (dscale.to || dshift.to)
    ck_run_sums(pool, CK_KERNEL_layer_norm_columns, CK_KERNEL_layer_norm_columns, &args.sums);
}

void ck_group_norm(ck_pool *pool, long batch, long channels, long inner, long groups,
                   const float *x, const float *scale, const float *shift, float epsilon, float *y,
                   float *mean, float *deviation_inverse) {
  long cols = channels / groups * inner;
  ck_norm_args args = {.channels = channels,
                       .inner = inner,
                       .cols = cols,
                       .groups = groups,
                       .epsilon = epsilon,
                       .x = x,
                       .scale = scale,
                       .shift = shift,
                       .y = y,
                       .mean = mean,
                       .inverse = deviation_inverse};
  ck_vector_run(pool, CK_KERNEL_group_norm, &args, batch * groups, ck_light_grain(cols));
}

void ck_group_norm_backward(ck_pool *pool, long batch, long channels, long inner, long groups,
                            const float *x, const float *scale, const float *mean,
                            const float *deviation_inverse, const float *dy, ck_gradient dx,
                            ck_gradient dscale, ck_gradient dshift) {
  long cols = channels / groups * inner;
  ck_norm_args args = {.sums = sums_of(batch, channels, inner),
                       .channels = channels,
                       .inner = inner,
                       .cols = cols,
                       .groups = groups,
                       .x = x,
                       .scale = scale,
                       .dy = dy,
                       .given_mean = mean,
                       .given_inverse = deviation_inverse,
                       .dx = dx};
  args.sums.result[0] = dscale;
  args.sums.result[1] = dshift;
  if (dx.to)
    ck_vector_run(pool, CK_KERNEL_group_norm_backward, &args, batch * groups, ck_light_grain(cols));
  if (dscale.to || dshift.to)
    ck_run_sums(pool, CK_KERNEL_group_norm_columns, CK_KERNEL_group_norm_channels, &args.sums);
}

void ck_dropout(ck_pool *pool, float rate, uint64_t seed, uint64_t stream, uint64_t position,
                long n, const float *x, ck_gradient y) {
  ck_random_args args = {
      .position = position, .count = n, .p = rate, .scale = 1.0f / (1.0f - rate), .x = x, .y = y};
  ck_random_key(seed, stream, args.key);
  ck_vector_run(pool, CK_KERNEL_dropout, &args, (n + 63) / 64, ck_heavy_grain(64));
}
