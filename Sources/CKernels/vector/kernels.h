#ifndef CK_VECTOR_KERNELS_H
#define CK_VECTOR_KERNELS_H

// How a public function reaches the code of an instruction set.
//
// A kernel is `void kernel(const void *args, long begin, long end)`: it does units begin ..< end of
// the work that `args` describes. A unit is an element, a row, a channel, a block of columns: the
// unit is what no result depends on, so that a range may be cut anywhere. Each kernel is written
// once in a template (*.inc) and compiled once for each instruction set (avx512.c, …).
#pragma STDC FP_CONTRACT OFF

#include "include/pool.h"
#include <stdint.h>

#include "include/vector.h"

#define CK_VECTOR_KERNELS(KERNEL)                                                                  \
  KERNEL(unary)                                                                                    \
  KERNEL(unary_backward)                                                                           \
  KERNEL(binary)                                                                                   \
  KERNEL(binary_backward_a)                                                                        \
  KERNEL(binary_backward_b)                                                                        \
  KERNEL(binary_sum_b)                                                                             \
  KERNEL(binary_columns_b)                                                                         \
  KERNEL(binary_channels_b)                                                                        \
  KERNEL(add_scaled)                                                                               \
  KERNEL(fill)                                                                                     \
  KERNEL(copy)                                                                                     \
  KERNEL(copy_rows)                                                                                \
  KERNEL(transpose)                                                                                \
  KERNEL(repeat_rows)                                                                              \
  KERNEL(repeat_rows_backward)                                                                     \
  KERNEL(upsample)                                                                                 \
  KERNEL(upsample_backward)                                                                        \
  KERNEL(sum)                                                                                      \
  KERNEL(sum_of_squares)                                                                           \
  KERNEL(first_not_finite)                                                                         \
  KERNEL(sum_rows)                                                                                 \
  KERNEL(spread_rows)                                                                              \
  KERNEL(spread_columns)                                                                           \
  KERNEL(sum_columns)                                                                              \
  KERNEL(sum_channels)                                                                             \
  KERNEL(activation_columns)                                                                       \
  KERNEL(activation_channels)                                                                      \
  KERNEL(max_rows)                                                                                 \
  KERNEL(log_sum_exp)                                                                              \
  KERNEL(log_sum_exp_backward)                                                                     \
  KERNEL(softmax)                                                                                  \
  KERNEL(softmax_backward)                                                                         \
  KERNEL(nll)                                                                                      \
  KERNEL(nll_backward)                                                                             \
  KERNEL(nll_shared_scale)                                                                         \
  KERNEL(scale_rows)                                                                               \
  KERNEL(gaussian_kl)                                                                              \
  KERNEL(gaussian_kl_backward)                                                                     \
  KERNEL(reparameterize)                                                                           \
  KERNEL(reparameterize_backward)                                                                  \
  KERNEL(gaussian_log_density)                                                                     \
  KERNEL(gaussian_log_density_backward)                                                            \
  KERNEL(square_deviation_columns)                                                                 \
  KERNEL(square_deviation_channels)                                                                \
  KERNEL(batch_norm_rows)                                                                          \
  KERNEL(batch_norm_channels)                                                                      \
  KERNEL(batch_norm_sums_columns)                                                                  \
  KERNEL(batch_norm_sums_channels)                                                                 \
  KERNEL(batch_norm_backward_rows)                                                                 \
  KERNEL(batch_norm_backward_channels)                                                             \
  KERNEL(layer_norm)                                                                               \
  KERNEL(layer_norm_backward)                                                                      \
  KERNEL(layer_norm_columns)                                                                       \
  KERNEL(random_bits)                                                                              \
  KERNEL(random_uniform)                                                                           \
  KERNEL(random_normal)                                                                            \
  KERNEL(random_bernoulli)                                                                         \
  KERNEL(dropout)                                                                                  \
  KERNEL(gather)                                                                                   \
  KERNEL(sgd)                                                                                      \
  KERNEL(adam)                                                                                     \
  KERNEL(rmsprop)                                                                                  \
  KERNEL(adagrad)                                                                                  \
  KERNEL(log_sum_exp_axis)                                                                         \
  KERNEL(log_sum_exp_axis_backward)                                                                \
  KERNEL(log_softmax_axis)                                                                         \
  KERNEL(log_softmax_axis_backward)                                                                \
  KERNEL(sum_axis)                                                                                 \
  KERNEL(sum_axis_backward)                                                                        \
  KERNEL(arg_max_rows)                                                                             \
  KERNEL(gather_rows)                                                                              \
  KERNEL(scatter_rows)                                                                             \
  KERNEL(one_hot)                                                                                  \
  KERNEL(pairs_prepare)                                                                            \
  KERNEL(pairs_log_density)                                                                        \
  KERNEL(pairs_backward_point)                                                                     \
  KERNEL(pairs_backward_gaussian)                                                                  \
  KERNEL(top_maxima)                                                                               \
  KERNEL(top_candidates)                                                                           \
  KERNEL(sparse_rows)                                                                              \
  KERNEL(sparse_sums)                                                                              \
  KERNEL(sparse_dots)                                                                              \
  KERNEL(sparse_entry_dots)                                                                        \
  KERNEL(aggregate_most)                                                                           \
  KERNEL(aggregate_total)                                                                          \
  KERNEL(squared_distances)                                                                        \
  KERNEL(mixture_prepare)                                                                          \
  KERNEL(mixture_density)                                                                          \
  KERNEL(mixture_backward_point)                                                                   \
  KERNEL(mixture_backward_gaussian)                                                                \
  KERNEL(triangular_product)                                                                       \
  KERNEL(triangular_product_backward)                                                              \
  KERNEL(triangular_solve)                                                                         \
  KERNEL(triangular_solve_backward)                                                                \
  KERNEL(random_exponential)                                                                       \
  KERNEL(random_gumbel)                                                                            \
  KERNEL(random_gamma)                                                                             \
  KERNEL(density)                                                                                  \
  KERNEL(density_backward)                                                                         \
  KERNEL(discretized_logistic)                                                                     \
  KERNEL(discretized_logistic_backward)                                                            \
  KERNEL(categorical)                                                                              \
  KERNEL(categorical_backward)                                                                     \
  KERNEL(random_poisson)                                                                           \
  KERNEL(adamax)                                                                                   \
  KERNEL(nadam)                                                                                    \
  KERNEL(radam)                                                                                    \
  KERNEL(lion)                                                                                     \
  KERNEL(approach)                                                                                 \
  KERNEL(group_norm)                                                                               \
  KERNEL(group_norm_backward)                                                                      \
  KERNEL(group_norm_columns)                                                                       \
  KERNEL(group_norm_channels)                                                                      \
  KERNEL(pixel_shuffle)                                                                            \
  KERNEL(pixel_unshuffle)                                                                          \
  KERNEL(average_pool)                                                                             \
  KERNEL(average_pool_backward)                                                                    \
  KERNEL(max_pool)                                                                                 \
  KERNEL(max_pool_backward)

#define CK_KERNEL_NUMBER(name) CK_KERNEL_##name,
typedef enum ck_kernel_number {
  CK_VECTOR_KERNELS(CK_KERNEL_NUMBER) CK_KERNEL_COUNT
} ck_kernel_number;

typedef void (*ck_kernel)(const void *args, long begin, long end);

extern const ck_kernel ck_kernels_portable[CK_KERNEL_COUNT];
extern const ck_kernel ck_kernels_neon[CK_KERNEL_COUNT];
extern const ck_kernel ck_kernels_avx2[CK_KERNEL_COUNT];
extern const ck_kernel ck_kernels_avx512[CK_KERNEL_COUNT];

/// Runs a kernel over `units` units, in tasks of `grain` units. One task, or a NULL pool: no fork.
void ck_vector_run(ck_pool *pool, ck_kernel_number kernel, const void *args, long units,
                   long grain);

/// Units of `size` elements that make one task of a light (copy, add) or heavy (exp) kernel.
long ck_light_grain(long size);
long ck_heavy_grain(long size);

/// Elements in a block whose float32 sums are added in double.
enum { CK_SUM_BLOCK = 1024, CK_SUM_CHUNK = 4096 };
/// Columns that one unit of a sum over rows takes, and rows it adds in float32.
enum { CK_COLUMN_BLOCK = 64, CK_ROW_BLOCK = 128 };

/// What a sum for each column or each channel of x[batch, channels, inner] needs: kernels that make
/// such sums have this first in their arguments. A sum of two numbers has two results.
///
/// Columns: a unit is CK_COLUMN_BLOCK columns of [rows = batch, cols = channels], inner = 1.
/// Channels: a unit is one channel of one group of images; the groups' sums go to `partial` (for
/// each result, [channels, groups] doubles) and are added by ck_run_sums.
typedef struct ck_sums {
  long batch, channels, inner;
  long groups;
  double *partial;
  ck_gradient result[2];
} ck_sums;

/// Fills in the groups and partial sums of `sums`, runs the kernel that fits (columns where inner
/// is 1, channels otherwise) and finishes. `args` begins with `*sums`.
void ck_run_sums(ck_pool *pool, ck_kernel_number columns, ck_kernel_number channels, ck_sums *sums);

typedef struct ck_unary_args {
  ck_unary_op op;
  float p, q;
  const float *x, *y, *dy;
  ck_gradient out;
} ck_unary_args;

typedef struct ck_binary_args {
  ck_sums sums;  // for the gradient by a stretched b
  ck_binary_op op;
  ck_broadcast kind;
  long channels, inner;
  const float *a, *b, *dy;
  ck_gradient out;
  double *partial;
  long count;
} ck_binary_args;

typedef struct ck_copy_args {
  long rows, cols, times;
  long x_stride, y_stride;
  float scale;
  const float *x;
  ck_gradient y;
} ck_copy_args;

typedef struct ck_reduce_args {
  ck_sums sums;
  long count, cols;
  float scale;
  ck_activation activation;
  const float *x, *y, *g;
  ck_gradient out;
  double *partial;
  long *index;
} ck_reduce_args;

typedef enum ck_nll_kind {
  CK_NLL_BERNOULLI,
  CK_NLL_CONTINUOUS_BERNOULLI,
  CK_NLL_GAUSSIAN,
  CK_NLL_LAPLACE,
  CK_NLL_DISCRETIZED_LOGISTIC,
} ck_nll_kind;

typedef struct ck_nll_args {
  ck_nll_kind kind;
  ck_scale scale;
  long rows, cols, group;
  const float *x, *targets, *log_scale, *g;
  float *loss, *residual;
  ck_gradient dx, dlog_scale;
  double *partial;
} ck_nll_args;

typedef struct ck_latent_args {
  long cols;
  const float *z, *mean, *log_variance, *noise, *g;
  float *out;
  ck_gradient dz, dmean, dlog_variance;
} ck_latent_args;

typedef struct ck_norm_args {
  ck_sums sums;
  long channels, inner, cols, groups;
  int frozen;
  double count;
  float epsilon;
  const float *x, *scale, *shift, *dy, *given_mean, *given_inverse;
  const float *sum_dy, *sum_dy_xhat;
  float *y, *mean, *inverse;
  ck_gradient dx;
} ck_norm_args;

typedef struct ck_random_args {
  uint32_t key[2];
  uint64_t position;
  long count;
  float p, scale;
  const float *x;
  uint32_t *bits;
  ck_gradient y;
} ck_random_args;

/// The key of (seed, stream).
void ck_random_key(uint64_t seed, uint64_t stream, uint32_t key[2]);

/// One or many planes: of x[planes, height, width] to y[planes, out_height, out_width], or back.
typedef struct ck_plane_args {
  ck_pool2d sizes;
  long factor;
  const float *x, *dy;
  ck_gradient out;
} ck_plane_args;

typedef struct ck_axis_args {
  long length, inner;
  const float *x, *y, *g;
  ck_gradient out;
} ck_axis_args;

/// The category of each element of [outer, inner], and where the log-sums for it are kept.
typedef struct ck_categorical_args {
  ck_axis_args axis;
  const float *index;
  float *total;
} ck_categorical_args;

typedef enum ck_density_kind {
  CK_DENSITY_POISSON,
  CK_DENSITY_NEGATIVE_BINOMIAL,
  CK_DENSITY_BETA,
  CK_DENSITY_STUDENT_T_TAIL,
} ck_density_kind;

typedef struct ck_density_args {
  ck_density_kind kind;
  const float *a, *b, *x, *g;
  float *out;
  ck_gradient da, db;
} ck_density_args;

typedef struct ck_index_args {
  long rows, cols;
  float sign;
  const float *index, *x;
  const int32_t *start, *order;
  ck_gradient out;
} ck_index_args;

/// The row that a number in float32 means, of so many: the nearest one where there is no such row.
static inline long ck_row_number(float index, long rows) {
  if (!(index > 0.0f)) return 0;
  return index >= (float)rows ? rows - 1 : (long)index;
}

typedef struct ck_pairs_args {
  long n, m, d;
  const float *z, *mean, *log_variance, *g;
  float *saved;
  ck_gradient out, dmean, dlog_variance;
} ck_pairs_args;

typedef struct ck_aggregate_args {
  long m, d;  // m a multiple of 16
  const float *z, *gaussians;
  float *most, *total;
} ck_aggregate_args;

typedef struct ck_mixture_args {
  long n, m, d, padded;  // Gaussians, rounded up
  const float *z, *mean, *log_variance, *log_weights, *g;
  float *columns;  // [mean, −½/σ², −½ (log 2π + log σ²)][d][padded]
  float *joint;    // [n, padded]: wᵢⱼ + log N of all dimensions
  float *y, *shares;  // shares[n, padded] of a Gaussian in a point's density
  ck_gradient dz, dmean, dlog_variance;
} ck_mixture_args;

typedef struct ck_distance_args {
  long m, d;
  const float *z, *points;
  float *out;
} ck_distance_args;

/// The most vectors of Gaussians whose densities are summed in float.
enum { CK_AGGREGATE_VECTORS = 64 };

typedef struct ck_top_args {
  long cols, groups, most;
  const float *x;
  float least;
  float *maxima, *mask;
  int32_t *places;
  long *count;
} ck_top_args;

typedef struct ck_sparse_args {
  long k, n, most;
  const float *f, *g, *from;
  // Lists of numbers that are not 0: from unit·most on (of rows), or from start[unit] on (of columns).
  int32_t *count, *place;
  const int32_t *start;
  float *value;
  int *full;  // set where a row has too many
  ck_gradient out;
  long out_step;  // of sparse_entry_dots
} ck_sparse_args;

typedef struct ck_triangular_args {
  long d;
  const float *l, *x, *dy;
  float *work;
  ck_gradient dl, dx;
} ck_triangular_args;

typedef enum ck_gather_kind {
  CK_GATHER_GREY,
  CK_GATHER_THRESHOLD,
  CK_GATHER_STOCHASTIC
} ck_gather_kind;

typedef struct ck_gather_args {
  ck_gather_kind kind;
  long size;
  const uint8_t *bytes;  // or
  const float *floats;
  const long *index;
  float divisor, threshold;
  uint32_t key[2];
  uint64_t position;
  float *out;
} ck_gather_args;

#endif
