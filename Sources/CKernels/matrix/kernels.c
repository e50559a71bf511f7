// Which kernels a product takes, and how it takes them tile by tile.
#include "matrix/kernels.h"

#include "core/isa_choice.h"
#include "include/precision.h"

const ck_matrix_kernels *ck_matrix_current(void) { return &CK_CURRENT(ck_matrix); }

const ck_matrix_kernels *ck_matrix_of(const ck_pool *pool) {
#if defined(__x86_64__)
  if (ck_pool_precision(pool) == CK_BF16) return &ck_matrix_bf16;
#endif
  return ck_matrix_current();
}

void ck_multiply(const ck_matrix_kernels *kernels, ck_left a, long row, long k, long rows,
                 int vectors, long depth, const float *b, long b_step, float *c, long c_step,
                 int from_c) {
  if (kernels->multiply) {
    kernels->multiply(a, row, k, rows, vectors, depth, b, b_step, c, c_step, from_c);
    return;
  }
  int wide = vectors == kernels->wide_vectors;
  const ck_tile *family = a.layout == CK_BY_ROW ? wide ? kernels->wide_by_row : kernels->by_row
                          : wide                ? kernels->wide_by_depth
                                                : kernels->by_depth;
  long most = wide ? kernels->wide_rows : kernels->tile_rows;
  int step_vectors = wide ? vectors : kernels->tile_vectors;
  long tiles = ck_ceil_div(rows, most);
  for (long t = 0; t < tiles; t++) {
    long first = ck_part(rows, tiles, t), height = ck_part(rows, tiles, t + 1) - first;
    const float *left = a.layout == CK_BY_ROW     ? a.data + (row + first) * a.step + k
                        : a.layout == CK_BY_DEPTH ? a.data + k * a.step + row + first
                                                  : a.data + first * a.step + k * height;
    long step = a.layout == CK_TILED ? height : a.step;
    for (int v = 0; v < vectors; v += step_vectors) {
      long number = height - 1;
      if (!wide) number = number * step_vectors + ck_min(step_vectors, vectors - v) - 1;
      family[number](depth, left, step, b + 16 * v, b_step, c + first * c_step + 16 * v, c_step,
                     from_c);
    }
  }
}
