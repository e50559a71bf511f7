// The product that makes the gradient by a weight, with the optimizer's step in its last pass: see
// ck_gemm_update in matrix.h. The gradient goes no further than a worker's cache.
#include <stddef.h>

#include "core/scratch.h"
#include "include/precision.h"
#include "include/vector_optimizer.h"
#include "matrix/bf16.h"
#include "matrix/kernels.h"

// A task is a block of rows, whose parameters lie one after another. It is low, so that B can be
// read as it lies, and few rows lie between the blocks of two workers.
//
// Where k is long, B as it lies is too much to be read for so few rows: a task then is a higher block of some
// columns, and both matrices are packed part by part. (W8's first layer, AVX2: 2.4 s an epoch backward, then 1.4.)
enum { DEPTH = 256, PACKED_ROWS = 96, PACKED_COLUMNS = 512 };

typedef struct step {
  const ck_matrix_kernels *kernels;
  ck_pool *pool;
  ck_left a;
  const float *b;
  long b_step, m, n, k;
  const ck_update *update;
  long first;   // the number of the parameter of row 0, column 0
  long height;  // of a block
} step;

/// The last n % 16 columns of the product of a block of rows. Each row is written up to 15 floats
/// too far, into rows and columns that are computed later.
static void run_last_columns(const step *s, long row, long rows, float *right, float *c) {
  long width = s->n % 16, column = s->n - width;
  s->kernels->copy(s->b + column, s->b_step, s->k, width, right, 16);
  ck_multiply(s->kernels, s->a, row, 0, rows, 1, s->k, right, 16, c + column, s->n, 0);
}

static void run_panel(const step *s, long row, long rows, long column, int vectors, float *c) {
  for (long k = 0; k == 0 || k < s->k; k += DEPTH)
    ck_multiply(s->kernels, s->a, row, k, rows, vectors, ck_min(DEPTH, s->k - k),
                s->b + k * s->b_step + column, s->b_step, c + column, s->n, k > 0);
}

static void run_block(void *context, long task, int worker) {
  const step *s = context;
  long row = task * s->height, rows = ck_min(s->height, s->m - row), count = rows * s->n;
  float *c = ck_scratch(s->pool, worker, CK_SCRATCH_ROWS, count + 16);
  if (s->n % 16) {
    float *right = ck_scratch(s->pool, worker, CK_SCRATCH_PANEL, 16 * s->k);
    run_last_columns(s, row, rows, right, c);
  }
  long vectors = s->n / 16, panels = ck_ceil_div(vectors, ck_max(2, s->kernels->wide_vectors));
  for (long i = 0; i < panels; i++) {
    long first = ck_part(vectors, panels, i), end = ck_part(vectors, panels, i + 1);
    run_panel(s, row, rows, 16 * first, (int)(end - first), c);
  }
  ck_update_run(NULL, s->update, s->first + row * s->n, count, c);
}

static void run_packed(void *context, long task, int worker) {
  const step *s = context;
  long across = ck_ceil_div(s->n, PACKED_COLUMNS), down = ck_ceil_div(s->m, PACKED_ROWS);
  long row = ck_part(s->m, down, task / across), rows = ck_part(s->m, down, task / across + 1) - row;
  long column = task % across * PACKED_COLUMNS, end = ck_min(s->n, column + PACKED_COLUMNS);
  long panel = 16 * ck_max(2, s->kernels->wide_vectors);
  float *c = ck_scratch(s->pool, worker, CK_SCRATCH_ROWS, rows * PACKED_COLUMNS);
  float *right = ck_scratch(s->pool, worker, CK_SCRATCH_PANEL, DEPTH * panel + 16);
  float *packed = ck_scratch(s->pool, worker, CK_SCRATCH_LEFT, (PACKED_ROWS + 16) * (DEPTH + 16));
  int by_depth = s->a.layout == CK_BY_DEPTH;
  ck_left left = {packed, by_depth ? PACKED_ROWS + 16 : DEPTH + 16, s->a.layout};
  for (long k = 0; k < s->k; k += DEPTH) {
    long depth = ck_min(DEPTH, s->k - k);
    if (by_depth)
      s->kernels->copy(s->a.data + k * s->a.step + row, s->a.step, depth, rows, packed, left.step);
    else
      s->kernels->copy(s->a.data + row * s->a.step + k, s->a.step, rows, depth, packed, left.step);
    for (long first = column; first < end; first += panel) {
      long width = ck_min(panel, end - first), vectors = ck_ceil_div(width, 16);
      s->kernels->copy(s->b + k * s->b_step + first, s->b_step, depth, width, right, 16 * vectors);
      ck_multiply(s->kernels, left, 0, 0, rows, (int)vectors, depth, right, 16 * vectors,
                  c + first - column, PACKED_COLUMNS, k > 0);
    }
  }
  for (long r = 0; r < rows; r++)
    ck_update_run(NULL, s->update, s->first + (row + r) * s->n + column, end - column,
                  c + r * PACKED_COLUMNS);
}

void ck_gemm_update(ck_pool *pool, int trans_a, long m, long n, long k, const float *a, long lda,
                    const float *b, long ldb, const ck_update *update, long first) {
  if (m <= 0 || n <= 0) return;
#if defined(__x86_64__)
  if (ck_pool_precision(pool) == CK_BF16) {
    ck_left left = {a, lda, trans_a ? CK_BY_DEPTH : CK_BY_ROW};
    ck_gemm_update_bf16(pool, left, m, n, k, b, ldb, update, first);
    return;
  }
#endif
  step s = {
      .kernels = ck_matrix_current(),
      .pool = pool,
      .a = {a, lda, trans_a ? CK_BY_DEPTH : CK_BY_ROW},
      .b = b,
      .b_step = ldb,
      .m = m,
      .n = n,
      .k = k,
      .update = update,
      .first = first,
  };
  if (k > DEPTH) {
    ck_parallel(pool, ck_ceil_div(m, PACKED_ROWS) * ck_ceil_div(n, PACKED_COLUMNS), run_packed, &s);
    return;
  }
  // Of even height, for then most blocks begin with a cache line.
  long most = ck_max(2 * s.kernels->tile_rows, 4 * s.kernels->wide_rows);
  long blocks = ck_ceil_div(m, most);
  s.height = ck_round_up(ck_ceil_div(m, ck_round_up(blocks, ck_pool_threads(pool))), 2);
  int small = (double)m * (double)n * (double)k < 1e5;
  ck_parallel(small ? NULL : pool, ck_ceil_div(m, s.height), run_block, &s);
}
