// Rows chosen by number: see vector_index.h.
#include "include/vector_index.h"

#include <string.h>

#include "core/scratch.h"
#include "vector/kernels.h"

void ck_arg_max_rows(ck_pool *pool, long rows, long cols, float sign, const float *x, float *y) {
  ck_index_args args = {.cols = cols, .sign = sign, .x = x, .out = {y, 0}};
  ck_vector_run(pool, CK_KERNEL_arg_max_rows, &args, rows, ck_light_grain(cols));
}

void ck_gather_rows(ck_pool *pool, long n, long rows, long cols, const float *index,
                    const float *x, ck_gradient y) {
  if (rows <= 0) return;
  ck_index_args args = {.rows = rows, .cols = cols, .index = index, .x = x, .out = y};
  ck_vector_run(pool, CK_KERNEL_gather_rows, &args, n, ck_light_grain(cols));
}

void ck_scatter_rows(ck_pool *pool, long n, long rows, long cols, const float *index,
                     const float *x, ck_gradient y) {
  if (rows <= 0) return;
  int32_t *start = (int32_t *)(void *)ck_scratch(pool, 0, CK_SCRATCH_TABLE, rows + 1 + n);
  int32_t *order = start + rows + 1;
  memset(start, 0, (size_t)(rows + 1) * sizeof *start);
  for (long i = 0; i < n; i++) start[ck_row_number(index[i], rows) + 1]++;
  for (long k = 0; k < rows; k++) start[k + 1] += start[k];
  for (long i = 0; i < n; i++) order[start[ck_row_number(index[i], rows)]++] = (int32_t)i;
  // Each start now stands where the next one was.
  memmove(start + 1, start, (size_t)rows * sizeof *start);
  start[0] = 0;
  ck_index_args args = {.cols = cols, .x = x, .start = start, .order = order, .out = y};
  long each = (n + rows - 1) / rows * cols;
  ck_vector_run(pool, CK_KERNEL_scatter_rows, &args, rows, ck_light_grain(each < 1 ? 1 : each));
}

void ck_one_hot(ck_pool *pool, long n, long cols, const float *index, float *y) {
  ck_index_args args = {.cols = cols, .index = index, .out = {y, 0}};
  ck_vector_run(pool, CK_KERNEL_one_hot, &args, n, ck_light_grain(cols));
}
