#include "include/matrix.h"

#include <string.h>

#include "include/isa.h"
#include "matrix_kernels.h"
#include "scratch.h"

const ck_matrix_kernels *ck_matrix_current(void) {
  switch (ck_isa_current()) {
#if defined(__x86_64__)
  case CK_ISA_AVX512:
    return &ck_matrix_avx512;
  case CK_ISA_AVX2:
    return &ck_matrix_avx2;
#endif
#if defined(__aarch64__)
  case CK_ISA_NEON:
    return &ck_matrix_neon;
#endif
  default:
    return &ck_matrix_portable;
  }
}

void ck_multiply(const ck_matrix_kernels *kernels, ck_left a, long row, long k, long rows,
                 int vectors, long depth, const float *b, long b_step, float *c, long c_step,
                 int from_c) {
  const ck_tile *family = a.layout == CK_BY_ROW ? kernels->by_row : kernels->by_depth;
  long tiles = ck_tiles(kernels, rows);
  for (long t = 0; t < tiles; t++) {
    long first = ck_part(rows, tiles, t), height = ck_part(rows, tiles, t + 1) - first;
    const float *left = a.layout == CK_BY_ROW     ? a.data + (row + first) * a.step + k
                        : a.layout == CK_BY_DEPTH ? a.data + k * a.step + row + first
                                                  : a.data + first * a.step + k * height;
    long step = a.layout == CK_TILED ? height : a.step;
    for (int v = 0; v < vectors; v += kernels->tile_vectors) {
      long width = ck_min(kernels->tile_vectors, vectors - v);
      family[(height - 1) * kernels->tile_vectors + width - 1](
          depth, left, step, b + 16 * v, b_step, c + first * c_step + 16 * v, c_step, from_c);
    }
  }
}

// A task computes a block of rows by a group of panels, each of at most 32 columns. k is cut so that
// the packed panel stays in the first cache; the part of A that the panels of a group read in turn
// stays in the second.
enum { PANEL = 32, DEPTH = 256, BLOCK_ROWS = 512, GROUP = 8, CACHED = 1 << 17 };

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
  const ck_epilogue *epilogue;
  int pack_left;
  long row_blocks, panels, groups, depths;
  long panel;  // columns of a panel
} product;

/// Packs B[k ..< k+depth, column ..< column+width] as rows of 16·vectors floats, zeros beyond width.
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
  float *beside;        // a panel of C that is no multiple of 16 wide, rows PANEL apart
} block;

static void copy_columns(const float *from, long from_step, long rows, long width, float *to,
                         long to_step) {
  for (long i = 0; i < rows; i++)
    memcpy(to + i * to_step, from + i * from_step, (size_t)width * sizeof(float));
}

/// Part `d` of the chains of one panel; A's columns k onwards are at a.
static void run_panel(const product *p, const block *t, long panel, long d, ck_left a, long k) {
  long column = panel * p->panel, width = ck_min(p->panel, p->n - column), vectors = (width + 15) / 16;
  long first = ck_part(p->k, p->depths, d), depth = ck_part(p->k, p->depths, d + 1) - first;
  float *c = p->c + t->row * p->c_step + column;
  // A panel that only a few tiles read is not worth packing, if it can be read as it is.
  int direct = !p->b_transposed && width % 16 == 0 && t->rows <= 2 * p->kernels->tile_rows;
  const float *b = direct ? p->b + first * p->b_step + column : t->right;
  long b_step = direct ? p->b_step : 16 * vectors;
  if (!direct) pack_right(p, first, depth, column, width, (int)vectors, t->right);

  int whole = width % 16 == 0, from_c = p->accumulate || d > 0;
  if (!whole && from_c) copy_columns(c, p->c_step, t->rows, width, t->beside, PANEL);
  ck_multiply(p->kernels, a, 0, k, t->rows, (int)vectors, depth, b, b_step,
              whole ? c : t->beside, whole ? p->c_step : PANEL, from_c);
  if (!whole) copy_columns(t->beside, PANEL, t->rows, width, c, p->c_step);
  if (d + 1 == p->depths && ck_has_epilogue(p->epilogue))
    p->kernels->finish(p->epilogue, t->row, column, t->rows, width, c, p->c_step);
}

/// Packs columns k ..< k + depth of the block's rows of A.
static ck_left pack_left(const product *p, const block *t, long k, long depth) {
  long tiles = ck_tiles(p->kernels, t->rows);
  for (long i = 0; i < tiles; i++) {
    long first = ck_part(t->rows, tiles, i), height = ck_part(t->rows, tiles, i + 1) - first;
    p->kernels->transpose(t->a.data + first * t->a.step + k, t->a.step, height, depth,
                          t->left + first * depth, height, 0);
  }
  return (ck_left){t->left, depth, CK_TILED};
}

static void run_product(void *context, long task, int worker) {
  const product *p = context;
  long number = task / p->groups, group = task % p->groups;
  block t = {.row = ck_part(p->m, p->row_blocks, number)};
  t.rows = ck_part(p->m, p->row_blocks, number + 1) - t.row;
  t.a = p->a;
  t.a.data += t.row * (p->a.layout == CK_BY_ROW ? p->a.step : 1);
  t.right = ck_scratch(p->pool, worker, CK_SCRATCH_PANEL, DEPTH * PANEL);
  if (p->n % 16) t.beside = ck_scratch(p->pool, worker, CK_SCRATCH_TILE, t.rows * PANEL);
  if (p->pack_left) t.left = ck_scratch(p->pool, worker, CK_SCRATCH_LEFT, t.rows * DEPTH);
  long panel = ck_part(p->panels, p->groups, group), end = ck_part(p->panels, p->groups, group + 1);
  for (long d = 0; d < p->depths; d++) {
    long k = ck_part(p->k, p->depths, d), depth = ck_part(p->k, p->depths, d + 1) - k;
    ck_left a = p->pack_left ? pack_left(p, &t, k, depth) : t.a;
    for (long i = panel; i < end; i++) run_panel(p, &t, i, d, a, p->pack_left ? 0 : k);
  }
}

void ck_gemm(ck_pool *pool, int trans_a, int trans_b, long m, long n, long k, const float *a,
             long lda, const float *b, long ldb, float *c, long ldc, int accumulate,
             const ck_epilogue *epilogue) {
  if (m <= 0 || n <= 0) return;
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
      .epilogue = epilogue,
  };
  p.depths = ck_max(1, ck_ceil_div(k, DEPTH));
  p.row_blocks = ck_ceil_div(m, BLOCK_ROWS);
  // Every thread should get a few tasks: first panels are made narrower, then blocks lower.
  long wanted = 3 * ck_pool_threads(pool);
  p.panel = pool && ck_ceil_div(n, PANEL) * p.row_blocks < wanted ? PANEL / 2 : PANEL;
  p.panels = ck_ceil_div(n, p.panel);
  if (pool && p.panels * p.row_blocks < wanted)
    p.row_blocks = ck_max(p.row_blocks, ck_min(ck_tiles(p.kernels, m),
                                               ck_ceil_div(wanted, p.panels)));
  p.groups = p.panels;
  // A block of A that is too large for the cache is multiplied part by part by several panels.
  if ((p.depths > 1 && ck_ceil_div(m, p.row_blocks) * k > CACHED) || lda % 512 == 0) {
    long tasks = ck_max(2 * ck_pool_threads(pool), ck_ceil_div(p.panels * p.row_blocks, GROUP));
    p.groups = ck_min(p.panels, ck_ceil_div(tasks, p.row_blocks));
  }
  // Rows that lie a multiple of 512 floats apart compete for the same cache lines.
  p.pack_left = !trans_a && lda % 512 == 0 && p.panels / p.groups >= 4;
  // Below this size waking a thread costs more than it brings.
  int small = (double)m * (double)n * (double)k < 1e5;
  ck_parallel(small ? NULL : pool, p.row_blocks * p.groups, run_product, &p);
}
