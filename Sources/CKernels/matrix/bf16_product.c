// Products of two matrices in bf16: see bf16.h. Both operands are rounded once, by all threads, to where the
// tiles read them; then the product is cut into tasks.
#include "matrix/bf16.h"

#if defined(__x86_64__)
#include <stddef.h>

#include "core/scratch.h"

enum {
  DEPTH = CK_BF16_DEPTH,
  PAIRS = CK_BF16_PAIRS,
  PANEL = 16 * CK_BF16_VECTORS,
  PACKED_ROWS = 32,    // of a task that rounds
  BLOCK_ROWS = 252,    // of a task that multiplies
  UPDATE_ROWS = 36,    // of one that updates
};

typedef struct product {
  const ck_matrix_kernels *kernels;
  ck_pool *pool;
  ck_left a;
  const float *b;
  long b_step;
  int b_transposed;
  long m, n, k;
  float *c;
  long c_step;
  int accumulate;
  ck_epilogue epilogue;
  const ck_update *update;
  long first;  // parameter
  long vectors, panels, parts, row_groups;
  int32_t *left;   // [part][row][pair], or [part][pair][row] where A lies by depth
  int32_t *right;  // [panel][part][pair][column]
  long left_step;  // of the latter
  long blocks;     // of rows, of tasks that multiply
} product;

static long depth_of(const product *p, long part) {
  return ck_max(0, ck_min(DEPTH, p->k - part * DEPTH));
}
static long first_vector(const product *p, long panel) {
  return ck_part(p->vectors, p->panels, panel);
}

static int32_t *left_of(const product *p, long part, long row) {
  return p->a.layout == CK_BY_ROW ? p->left + (part * p->m + row) * PAIRS
                                  : p->left + part * PAIRS * p->left_step + row;
}

static int32_t *right_of(const product *p, long panel, long part) {
  long before = first_vector(p, panel), vectors = first_vector(p, panel + 1) - before;
  return p->right + 16 * PAIRS * (before * p->parts + part * vectors);
}

static void round_left(const product *p, long part, long group) {
  long row = ck_part(p->m, p->row_groups, group), end = ck_part(p->m, p->row_groups, group + 1);
  long k = part * DEPTH, depth = depth_of(p, part);
  if (p->a.layout == CK_BY_ROW) {
    for (; row < end; row++)
      ck_bf16_pair_row(p->a.data + row * p->a.step + k, depth, left_of(p, part, row));
    return;
  }
  // Groups are vectors here, for whole ones are written.
  row = 16 * ck_part(p->left_step / 16, p->row_groups, group);
  end = 16 * ck_part(p->left_step / 16, p->row_groups, group + 1);
  for (; row < end; row += 16)
    ck_bf16_pair_rows(p->a.data + k * p->a.step + row, p->a.step, depth, ck_min(16, p->m - row),
                      left_of(p, part, row), p->left_step);
}

static void round_right(const product *p, long panel, long part) {
  long before = first_vector(p, panel), vectors = first_vector(p, panel + 1) - before;
  long k = part * DEPTH, depth = depth_of(p, part), width = 16 * vectors;
  int32_t *to = right_of(p, panel, part);
  if (!p->b_transposed) {
    for (long v = 0; v < vectors; v++)
      ck_bf16_pair_rows(p->b + k * p->b_step + 16 * (before + v), p->b_step, depth,
                        ck_min(16, p->n - 16 * (before + v)), to + 16 * v, width);
    return;
  }
  int32_t pairs[PANEL * PAIRS];
  long columns = ck_min(width, p->n - 16 * before);
  for (long c = 0; c < columns; c++)
    ck_bf16_pair_row(p->b + (16 * before + c) * p->b_step + k, depth, pairs + c * PAIRS);
  p->kernels->transpose((const float *)pairs, PAIRS, columns, (depth + 1) / 2, (float *)to, width, 1);
}

static void round_both(void *context, long task, int worker) {
  (void)worker;
  const product *p = context;
  long left = p->row_groups * p->parts;
  if (task < left)
    round_left(p, task / p->row_groups, task % p->row_groups);
  else
    round_right(p, (task - left) / p->parts, (task - left) % p->parts);
}

/// Rows row ..< row + rows of a panel, the first of whose columns is at c.
static void multiply(const product *p, long panel, long row, long rows, float *c, long c_step,
                     int from_c) {
  long vectors = first_vector(p, panel + 1) - first_vector(p, panel);
  long tiles = ck_ceil_div(rows, ck_bf16_rows(vectors));
  const ck_bf16_tile *family =
      (p->a.layout == CK_BY_ROW ? ck_bf16_by_row : ck_bf16_by_depth)[vectors - 1];
  for (long part = 0; part < p->parts; part++)
    for (long t = 0; t < tiles; t++) {
      long first = ck_part(rows, tiles, t), height = ck_part(rows, tiles, t + 1) - first;
      family[height - 1]((depth_of(p, part) + 1) / 2, left_of(p, part, row + first), p->left_step,
                         right_of(p, panel, part), c + first * c_step, c_step, from_c || part > 0);
    }
}

static void run_product(void *context, long task, int worker) {
  const product *p = context;
  long panel = task / p->blocks, block = task % p->blocks;
  long row = ck_part(p->m, p->blocks, block), rows = ck_part(p->m, p->blocks, block + 1) - row;
  long column = 16 * first_vector(p, panel);
  long width = ck_min(16 * first_vector(p, panel + 1), p->n) - column;
  float *c = p->c + row * p->c_step + column, *sums = c;
  long sums_step = p->c_step;
  if (width % 16) {
    sums = ck_scratch(p->pool, worker, CK_SCRATCH_TILE, rows * PANEL);
    sums_step = PANEL;
    if (p->accumulate) p->kernels->copy(c, p->c_step, rows, width, sums, sums_step);
  }
  multiply(p, panel, row, rows, sums, sums_step, p->accumulate);
  if (width % 16 || ck_has_epilogue(&p->epilogue))
    p->kernels->finish(&p->epilogue, row, column, rows, width, sums, sums_step, c, p->c_step);
}

static void run_update(void *context, long task, int worker) {
  const product *p = context;
  long row = ck_part(p->m, p->blocks, task), rows = ck_part(p->m, p->blocks, task + 1) - row;
  long step = 16 * p->vectors;
  float *c = ck_scratch(p->pool, worker, CK_SCRATCH_TILE, rows * step);
  for (long panel = 0; panel < p->panels; panel++)
    multiply(p, panel, row, rows, c + 16 * first_vector(p, panel), step, 0);
  for (long r = 0; r < rows; r++)
    ck_update_run(NULL, p->update, p->first + (row + r) * p->n, p->n, c + r * step);
}

/// Rounds both operands, and runs the tasks: of at most so many rows, and of one panel or of all.
static void run(product *p, ck_task task, long most_rows, int one_panel) {
  if (p->m <= 0 || p->n <= 0) return;
  ck_pool *used = (double)p->m * (double)p->n * (double)p->k < 1e5 ? NULL : p->pool;
  long threads = ck_pool_threads(p->pool);
  p->kernels = ck_matrix_current();
  p->vectors = ck_ceil_div(p->n, 16);
  p->panels = ck_ceil_div(p->vectors, CK_BF16_VECTORS);
  p->parts = ck_max(1, ck_ceil_div(p->k, DEPTH));
  p->row_groups = ck_ceil_div(p->m, PACKED_ROWS);
  p->left_step = ck_round_up(p->m, 16);
  p->left = (int32_t *)ck_scratch(p->pool, 0, CK_SCRATCH_SHARED, p->parts * PAIRS * p->left_step);
  p->right =
      (int32_t *)ck_scratch(p->pool, 0, CK_SCRATCH_TABLE, p->parts * PAIRS * 16 * p->vectors);
  ck_parallel(used, (p->row_groups + p->panels) * p->parts, round_both, p);
  long panels = one_panel ? p->panels : 1, wanted = threads > 1 ? 3 * threads : 1;
  p->blocks = ck_max(ck_ceil_div(p->m, most_rows),
                     ck_min(ck_ceil_div(p->m, CK_BF16_WIDE_ROWS), ck_ceil_div(wanted, panels)));
  ck_parallel(used, panels * p->blocks, task, p);
}

void ck_gemm_bf16(ck_pool *pool, ck_left a, int trans_b, long m, long n, long k, const float *b,
                  long ldb, float *c, long ldc, int accumulate, const ck_epilogue *epilogue) {
  product p = {.pool = pool, .a = a, .b = b, .b_step = ldb, .b_transposed = trans_b,
               .m = m, .n = n, .k = k, .c = c, .c_step = ldc, .accumulate = accumulate};
  if (epilogue) p.epilogue = *epilogue;
  run(&p, run_product, BLOCK_ROWS, 1);
}

void ck_gemm_update_bf16(ck_pool *pool, ck_left a, long m, long n, long k, const float *b, long ldb,
                         const ck_update *update, long first) {
  product p = {.pool = pool, .a = a, .b = b, .b_step = ldb,
               .m = m, .n = n, .k = k, .update = update, .first = first};
  run(&p, run_update, UPDATE_ROWS, 0);
}
#endif
