// Products of two matrices: see matrix.h.
#include "include/matrix.h"

#include <stddef.h>

#include "core/scratch.h"
#include "include/precision.h"
#include "include/vector_elementwise.h"
#include "matrix/bf16.h"
#include "matrix/kernels.h"

// A task computes a block of rows by a group of panels, each of at most 3 vectors of columns. k is
// cut so that the packed panel stays in the first cache; the part of A that the panels of a group
// read in turn stays in the second.
enum {
  PANEL = 48,
  PANEL_FLOATS = 8192,
  BLOCK_ROWS = 512,
  LEAST_ROWS = 256,  // of a thread: fewer do not repay packing B
  GROUP = 8,
  CACHED = 1 << 17,
};

typedef struct product {
  const ck_matrix_kernels *kernels;
  ck_pool *pool;
  ck_left a;
  const float *b;
  long b_step;
  int b_transposed;
  float *c;
  long c_step;
  long m, n, k;
  int accumulate;
  ck_epilogue epilogue;
  int pack_left;
  long row_blocks, vectors, panels, groups, depths;
} product;

/// Where part d of k begins: even, so that bf16's pairs are the same however k is cut.
static long part_of_depth(const product *p, long d) {
  return ck_min(p->k, 2 * ck_part(ck_ceil_div(p->k, 2), p->depths, d));
}

/// Packs B[k ..< k+depth, column ..< column+width] as rows of 16·vectors floats, with zeros beyond
/// width.
static void pack_right(const product *p, long k, long depth, long column, long width, int vectors,
                       float *to) {
  long step = 16 * vectors;
  if (p->b_transposed) {
    p->kernels->transpose(p->b + column * p->b_step + k, p->b_step, width, depth, to, step, 1);
    return;
  }
  p->kernels->copy(p->b + k * p->b_step + column, p->b_step, depth, width, to, step);
}

/// A task's block of rows and its working memory.
typedef struct block {
  long row, rows;
  ck_left a;            // from the block's first row on
  float *right, *left;  // packed panel of B; packed rows of A
  float *beside;        // sums of a panel that is no multiple of 16 wide, rows PANEL apart
} block;

/// Part `d` of the chains of one panel; A's columns k onwards are at a.
static void run_panel(const product *p, const block *t, long panel, long d, ck_left a, long k) {
  long column = 16 * ck_part(p->vectors, p->panels, panel);
  long width = ck_min(16 * ck_part(p->vectors, p->panels, panel + 1), p->n) - column;
  long vectors = ck_ceil_div(width, 16);
  long first = part_of_depth(p, d), depth = part_of_depth(p, d + 1) - first;
  float *c = p->c + t->row * p->c_step + column;
  // A panel that only a few tiles read is not worth packing, if it can be read as it is.
  int direct = !p->b_transposed && width % 16 == 0 && t->rows <= 2 * p->kernels->tile_rows;
  const float *b = direct ? p->b + first * p->b_step + column : t->right;
  long b_step = direct ? p->b_step : 16 * vectors;
  if (!direct) pack_right(p, first, depth, column, width, (int)vectors, t->right);

  // Only the last panel is no multiple of 16 wide: its sums stay beside C until they are complete.
  int whole = width % 16 == 0, is_last = d + 1 == p->depths;
  float *sums = whole ? c : t->beside;
  long sums_step = whole ? p->c_step : PANEL;
  if (!whole && p->accumulate && d == 0)
    p->kernels->copy(c, p->c_step, t->rows, width, sums, sums_step);
  ck_multiply(p->kernels, a, 0, k, t->rows, (int)vectors, depth, b, b_step, sums, sums_step,
              p->accumulate || d > 0);
  if (is_last && (!whole || ck_has_epilogue(&p->epilogue)))
    p->kernels->finish(&p->epilogue, t->row, column, t->rows, width, sums, sums_step, c,
                       p->c_step);
}

static long widest(const ck_matrix_kernels *kernels) {
  return ck_max(2, kernels->wide_vectors);
}

/// Floats between the rows of a packed block of A, or by depth between its columns: no power of 2.
static long left_step(const product *p, long rows) {
  long width = p->a.layout == CK_BY_ROW ? ck_ceil_div(p->k, p->depths) + 2 : rows;
  return ck_round_up(width, 16) + 16;
}

static long left_floats(const product *p, long rows) {
  return left_step(p, rows) * (p->a.layout == CK_BY_ROW ? rows : ck_ceil_div(p->k, p->depths) + 2);
}

/// Packs columns k ..< k + depth of the block's rows of A.
static ck_left pack_left(const product *p, const block *t, long k, long depth) {
  long step = left_step(p, t->rows);
  if (p->a.layout == CK_BY_ROW)
    p->kernels->copy(t->a.data + k, t->a.step, t->rows, depth, t->left, step);
  else
    p->kernels->copy(t->a.data + k * t->a.step, t->a.step, depth, t->rows, t->left, step);
  return (ck_left){t->left, step, p->a.layout};
}

static void run_product(void *context, long task, int worker) {
  const product *p = context;
  long number = task / p->groups, group = task % p->groups;
  block t = {.row = ck_part(p->m, p->row_blocks, number)};
  t.rows = ck_part(p->m, p->row_blocks, number + 1) - t.row;
  t.a = p->a;
  t.a.data += t.row * (p->a.layout == CK_BY_ROW ? p->a.step : 1);
  t.right = ck_scratch(p->pool, worker, CK_SCRATCH_PANEL, PANEL_FLOATS + 2 * PANEL);
  if (p->n % 16) t.beside = ck_scratch(p->pool, worker, CK_SCRATCH_TILE, t.rows * PANEL);
  if (p->pack_left) t.left = ck_scratch(p->pool, worker, CK_SCRATCH_LEFT, left_floats(p, t.rows));
  long panel = ck_part(p->panels, p->groups, group), end = ck_part(p->panels, p->groups, group + 1);
  for (long d = 0; d < p->depths; d++) {
    long k = part_of_depth(p, d), depth = part_of_depth(p, d + 1) - k;
    ck_left a = p->pack_left ? pack_left(p, &t, k, depth) : t.a;
    for (long i = panel; i < end; i++) run_panel(p, &t, i, d, a, p->pack_left ? 0 : k);
  }
}

static long tasks_of(const product *p) { return p->row_blocks * p->groups; }

/// Makes at least `tasks` tasks, if `most` panels suffice for that, else that many panels.
static void cut_panels(product *p, long tasks, long most) {
  p->panels = ck_max(p->panels, ck_min(most, ck_ceil_div(tasks, p->row_blocks)));
}

/// Cuts a product into tasks for so many threads.
static void cut(product *p, long threads) {
  p->row_blocks = ck_ceil_div(p->m, BLOCK_ROWS);
  // Where A is high, threads share out its rows: each reads rows that it mostly wrote itself, in the
  // layer before, and W5 mlp is 1.13 times as fast on two threads. Else B is larger, and they share
  // out its columns.
  if (p->m >= LEAST_ROWS * threads && 2 * p->m >= p->n)
    p->row_blocks = ck_round_up(p->row_blocks, threads);
  p->vectors = ck_ceil_div(p->n, 16);
  p->panels = ck_ceil_div(p->vectors, widest(p->kernels));
  // Every thread should get a few tasks: first panels are made narrower, but not so narrow that
  // tiles load more than they multiply; then blocks lower, though each reads all of B; then panels
  // narrower still.
  long wanted = threads > 1 ? 3 * threads : 1;
  cut_panels(p, wanted, ck_ceil_div(p->vectors, 2));
  if (p->panels * p->row_blocks < ck_min(wanted, 2 * threads))
    p->row_blocks = ck_max(p->row_blocks, ck_min(ck_tiles(p->kernels, p->m),
                                                 ck_ceil_div(wanted, p->panels)));
  if (p->panels * p->row_blocks < ck_min(wanted, 2 * threads)) cut_panels(p, wanted, p->vectors);
  p->depths = ck_max(1, ck_ceil_div(p->k * 16 * ck_ceil_div(p->vectors, p->panels), PANEL_FLOATS));
  p->groups = p->panels;
  // Rows that lie a multiple of 512 floats apart compete for the same cache lines.
  int compete = p->a.step % 512 == 0;
  p->pack_left = compete;
  // A block of A that is too large for the cache is multiplied part by part by several panels.
  if ((p->depths > 1 && ck_ceil_div(p->m, p->row_blocks) * p->k > CACHED) || compete) {
    long tasks = ck_max(wanted, ck_ceil_div(p->panels * p->row_blocks, GROUP));
    p->groups = ck_min(p->panels, ck_ceil_div(tasks, p->row_blocks));
  }
}

/// The pool, but below this size waking a thread costs more than it brings.
static ck_pool *pool_for(const product *p) {
  return (double)p->m * (double)p->n * (double)p->k < 1e5 ? NULL : p->pool;
}

void ck_gemm(ck_pool *pool, int trans_a, int trans_b, long m, long n, long k, const float *a,
             long lda, const float *b, long ldb, float *c, long ldc, int accumulate,
             const ck_epilogue *epilogue) {
  if (m <= 0 || n <= 0) return;
#if defined(__x86_64__)
  if (ck_pool_precision(pool) == CK_BF16) {
    ck_left left = {a, lda, trans_a ? CK_BY_DEPTH : CK_BY_ROW};
    ck_gemm_bf16(pool, left, trans_b, m, n, k, b, ldb, c, ldc, accumulate, epilogue);
    return;
  }
#endif
  product p = {
      .kernels = ck_matrix_current(),
      .pool = pool,
      .a = {a, lda, trans_a ? CK_BY_DEPTH : CK_BY_ROW},
      .b = b,
      .b_step = ldb,
      .b_transposed = trans_b,
      .c = c,
      .c_step = ldc,
      .m = m,
      .n = n,
      .k = k,
      .accumulate = accumulate,
  };
  if (epilogue) p.epilogue = *epilogue;
  cut(&p, ck_pool_threads(pool));
  ck_parallel(pool_for(&p), tasks_of(&p), run_product, &p);
}

/// Two products that are cut alike, one after the other.
static void run_two(void *context, long task, int worker) {
  product *two = context;
  long half = task / tasks_of(two);
  run_product(&two[half], task - half * tasks_of(two), worker);
}

void ck_gemm_halves(ck_pool *pool, long m, long n, long k, const float *a, const float *b, float *c,
                    int accumulate) {
  if (m <= 0 || n <= 0) return;
  if (ck_pool_precision(pool) == CK_BF16) {
    ck_gemm(pool, 0, 0, m, n, k, a, k, b, n, c, n, accumulate, NULL);
    return;
  }
  long first = k / 4 * 2;
  product two[2];
  two[1] = (product){
      .kernels = ck_matrix_current(),
      .pool = pool,
      .a = {a + first, k, CK_BY_ROW},
      .b = b + first * n,
      .b_step = n,
      .c = ck_scratch(pool, 0, CK_SCRATCH_PARTIAL, m * n),
      .c_step = n,
      .m = m,
      .n = n,
      .k = k - first,
  };
  cut(&two[1], ck_ceil_div(ck_pool_threads(pool), 2));
  two[0] = two[1];
  two[0].a.data = a;
  two[0].b = b;
  two[0].c = c;
  two[0].k = first;
  two[0].accumulate = accumulate;
  ck_parallel(pool_for(two), 2 * tasks_of(two), run_two, two);
  ck_copy(pool, m * n, two[1].c, (ck_gradient){.to = c, .add = 1});
}

/// Products that are cut alike, one after another.
typedef struct products {
  product first;
  long a_size, b_size, c_size;
} products;

static void run_one_of_many(void *context, long task, int worker) {
  const products *all = context;
  long tasks = tasks_of(&all->first), number = task / tasks;
  product p = all->first;
  p.a.data += number * all->a_size;
  p.b += number * all->b_size;
  p.c += number * all->c_size;
  run_product(&p, task - number * tasks, worker);
}

void ck_gemm_batch(ck_pool *pool, long batch, int trans_a, int trans_b, long m, long n, long k,
                   const float *a, const float *b, float *c, int accumulate) {
  if (batch <= 0 || m <= 0 || n <= 0) return;
  products all = {
      .first = {.kernels = ck_matrix_of(pool),
                .pool = pool,
                .a = {a, trans_a ? m : k, trans_a ? CK_BY_DEPTH : CK_BY_ROW},
                .b = b,
                .b_step = trans_b ? k : n,
                .b_transposed = trans_b,
                .c = c,
                .c_step = n,
                .m = m,
                .n = n,
                .k = k,
                .accumulate = accumulate},
      .a_size = m * k,
      .b_size = k * n,
      .c_size = m * n,
  };
  cut(&all.first, ck_ceil_div(ck_pool_threads(pool), batch));
  int small = (double)batch * (double)m * (double)n * (double)k < 1e5;
  ck_parallel(small ? NULL : pool, batch * tasks_of(&all.first), run_one_of_many, &all);
}
