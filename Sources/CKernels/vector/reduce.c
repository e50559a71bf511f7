// Sums, maxima and activation gradients: see vector_reduce.h.
#include "core/scratch.h"
#include "vector/kernels.h"

static long chunks_of(long n) { return n > 0 ? (n + CK_SUM_CHUNK - 1) / CK_SUM_CHUNK : 0; }

static double chunked_sum(ck_pool *pool, ck_kernel_number kernel, long n, const float *x) {
  long chunks = chunks_of(n);
  float *scratch = ck_scratch(pool, 0, CK_SCRATCH_PARTIAL, 2 * chunks + 2);
  ck_reduce_args args = {.count = n, .x = x, .partial = (double *)(void *)scratch};
  ck_vector_run(pool, kernel, &args, chunks, ck_light_grain(CK_SUM_CHUNK));
  double sum = 0;
  for (long i = 0; i < chunks; i++) sum += args.partial[i];
  return sum;
}

double ck_sum(ck_pool *pool, long n, const float *x) {
  return chunked_sum(pool, CK_KERNEL_sum, n, x);
}

double ck_sum_of_squares(ck_pool *pool, long n, const float *x) {
  return chunked_sum(pool, CK_KERNEL_sum_of_squares, n, x);
}

long ck_first_not_finite(ck_pool *pool, long n, const float *x) {
  long chunks = chunks_of(n);
  float *scratch = ck_scratch(pool, 0, CK_SCRATCH_PARTIAL, 2 * chunks + 2);
  ck_reduce_args args = {.count = n, .x = x, .index = (long *)(void *)scratch};
  ck_vector_run(pool, CK_KERNEL_first_not_finite, &args, chunks, ck_light_grain(CK_SUM_CHUNK));
  for (long i = 0; i < chunks; i++)
    if (args.index[i] >= 0) return args.index[i];
  return -1;
}

void ck_sum_rows(ck_pool *pool, long rows, long cols, const float *x, float *y) {
  ck_reduce_args args = {.cols = cols, .x = x, .out = {y, 0}};
  ck_vector_run(pool, CK_KERNEL_sum_rows, &args, rows, ck_light_grain(cols));
}

void ck_spread_rows(ck_pool *pool, long rows, long cols, float scale, const float *g,
                    ck_gradient dx) {
  ck_reduce_args args = {.cols = cols, .scale = scale, .g = g, .out = dx};
  ck_vector_run(pool, CK_KERNEL_spread_rows, &args, rows, ck_light_grain(cols));
}

void ck_spread_columns(ck_pool *pool, long rows, long cols, float scale, const float *g,
                       ck_gradient dx) {
  ck_reduce_args args = {.cols = cols, .scale = scale, .g = g, .out = dx};
  ck_vector_run(pool, CK_KERNEL_spread_columns, &args, rows, ck_light_grain(cols));
}

void ck_sum_columns(ck_pool *pool, long rows, long cols, const float *x, ck_gradient y) {
  ck_sum_channels(pool, rows, cols, 1, x, y);
}

void ck_sum_channels(ck_pool *pool, long batch, long channels, long inner, const float *x,
                     ck_gradient y) {
  ck_reduce_args args = {
      .sums = {.batch = batch, .channels = channels, .inner = inner, .result = {y}}, .x = x};
  ck_run_sums(pool, CK_KERNEL_sum_columns, CK_KERNEL_sum_channels, &args.sums);
}

void ck_max_rows(ck_pool *pool, long rows, long cols, const float *x, float *y) {
  ck_reduce_args args = {.cols = cols, .x = x, .out = {y, 0}};
  ck_vector_run(pool, CK_KERNEL_max_rows, &args, rows, ck_light_grain(cols));
}

void ck_log_sum_exp(ck_pool *pool, long rows, long cols, const float *x, float *y) {
  ck_reduce_args args = {.cols = cols, .x = x, .out = {y, 0}};
  ck_vector_run(pool, CK_KERNEL_log_sum_exp, &args, rows, ck_heavy_grain(cols));
}

void ck_log_sum_exp_backward(ck_pool *pool, long rows, long cols, const float *x, const float *y,
                             const float *g, ck_gradient dx) {
  ck_reduce_args args = {.cols = cols, .x = x, .y = y, .g = g, .out = dx};
  ck_vector_run(pool, CK_KERNEL_log_sum_exp_backward, &args, rows, ck_heavy_grain(cols));
}

void ck_softmax(ck_pool *pool, long rows, long cols, const float *x, float *y) {
  ck_reduce_args args = {.cols = cols, .x = x, .out = {y, 0}};
  ck_vector_run(pool, CK_KERNEL_softmax, &args, rows, ck_heavy_grain(cols));
}

void ck_softmax_backward(ck_pool *pool, long rows, long cols, const float *y, const float *dy,
                         ck_gradient dx) {
  ck_reduce_args args = {.cols = cols, .y = y, .g = dy, .out = dx};
  ck_vector_run(pool, CK_KERNEL_softmax_backward, &args, rows, ck_light_grain(cols));
}

void ck_activation_backward_channel_bias(ck_pool *pool, ck_activation activation, float slope,
                                         long batch, long channels, long inner, const float *y,
                                         const float *dy, float *dz, ck_gradient dbias) {
  ck_reduce_args args = {
      .sums = {.batch = batch, .channels = channels, .inner = inner, .result = {dbias}},
      .scale = slope,
      .activation = activation,
      .y = y,
      .g = dy,
      .out = {dz, 0}};
  ck_run_sums(pool, CK_KERNEL_activation_columns, CK_KERNEL_activation_channels, &args.sums);
}

void ck_activation_backward_bias(ck_pool *pool, ck_activation activation, float slope, long rows,
                                 long cols, const float *y, const float *dy, float *dz,
                                 ck_gradient dbias) {
  ck_activation_backward_channel_bias(pool, activation, slope, rows, cols, 1, y, dy, dz, dbias);
}
