// Products that leave zeros out: see vector_sparse.h.
#include "include/vector_sparse.h"

#include <stddef.h>

#include "core/scratch.h"
#include "vector/kernels.h"

enum {
  LEAST_WIDTH = 256,
  SPARSITY = 16,  // at most one number in so many is not 0
};

/// Lists of the numbers that are not 0, of each row of f: list r has `count[r]` entries from `r · most`.
static int find(ck_pool *pool, long m, long k, const float *f, ck_sparse_args *a) {
  if (k < LEAST_WIDTH || m < 1) return 0;
  long most = k / SPARSITY;
  int32_t *lists = (int32_t *)(void *)ck_scratch(pool, 0, CK_SCRATCH_SHARED, m * (2 * most + 1));
  *a = (ck_sparse_args){.k = k, .most = most, .f = f, .count = lists, .place = lists + m};
  a->value = (float *)(void *)(lists + m + m * most);
  int full = 0;
  a->full = &full;
  ck_vector_run(pool, CK_KERNEL_sparse_rows, a, m, ck_light_grain(k));
  a->full = NULL;
  return !full;
}

/// The same numbers by columns of f: list c from `start[c]` to `start[c + 1]`, rows ascending.
static ck_sparse_args by_columns(ck_pool *pool, long m, const ck_sparse_args *rows) {
  long total = 0;
  for (long r = 0; r < m; r++) total += rows->count[r];
  int32_t *start =
      (int32_t *)(void *)ck_scratch(pool, 0, CK_SCRATCH_TABLE, rows->k + 1 + 2 * total);
  int32_t *place = start + rows->k + 1;
  float *value = (float *)(void *)(place + total);
  for (long c = 0; c <= rows->k; c++) start[c] = 0;
  for (long r = 0; r < m; r++)
    for (long t = 0; t < rows->count[r]; t++) start[rows->place[r * rows->most + t] + 1]++;
  for (long c = 0; c < rows->k; c++) start[c + 1] += start[c];
  for (long r = 0; r < m; r++)
    for (long t = 0; t < rows->count[r]; t++) {
      int32_t at = start[rows->place[r * rows->most + t]]++;
      place[at] = (int32_t)r;
      value[at] = rows->value[r * rows->most + t];
    }
  // Each start has moved to its end.
  for (long c = rows->k; c > 0; c--) start[c] = start[c - 1];
  start[0] = 0;
  return (ck_sparse_args){.start = start, .place = place, .value = value};
}

int ck_sparse_product(ck_pool *pool, long m, long k, long n, const float *f, const float *w,
                      ck_gradient y) {
  ck_sparse_args a;
  if (!find(pool, m, k, f, &a)) return 0;
  a.n = n, a.from = w, a.out = y;
  ck_vector_run(pool, CK_KERNEL_sparse_sums, &a, m, ck_light_grain(n * (a.most / 4 + 1)));
  return 1;
}

int ck_sparse_product_backward(ck_pool *pool, long m, long k, long n, const float *f,
                               const float *w, const float *g, ck_gradient df, ck_gradient dw) {
  ck_sparse_args a;
  if (!find(pool, m, k, f, &a)) return 0;
  if (dw.to) {
    ck_sparse_args columns = by_columns(pool, m, &a);
    columns.n = n, columns.from = g, columns.out = dw;
    ck_vector_run(pool, CK_KERNEL_sparse_sums, &columns, k, ck_light_grain(4 * n));
  }
  if (df.to) {
    a.n = n, a.from = w, a.g = g, a.out = df;
    ck_vector_run(pool, CK_KERNEL_sparse_dots, &a, m, ck_light_grain(k + n));
  }
  return 1;
}
