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

// A task computes a block of rows by a panel of at most 32 columns, for all of k, which is cut so
// that the packed panel stays in the cache.
enum { PANEL = 32, DEPTH = 256, BLOCK_ROWS = 512 };

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
  long row_blocks, panels, depths;
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

/// Computes a panel whose width is no multiple of 16 beside C, and copies what belongs to it.
static void partial_panel(const product *p, long row, long rows, long column, long width,
                          long k, long depth, const float *b, int vectors, int from_c) {
  float tile[16 * PANEL];
  for (long done = 0; done < rows; done += 16) {
    long height = ck_min(16, rows - done);
    float *c = p->c + (row + done) * p->c_step + column;
    if (from_c)
      for (long i = 0; i < height; i++) {
        memset(tile + i * PANEL, 0, PANEL * sizeof(float));
        memcpy(tile + i * PANEL, c + i * p->c_step, (size_t)width * sizeof(float));
      }
    ck_multiply(p->kernels, p->a, row + done, k, height, vectors, depth, b, 16 * vectors, tile,
                PANEL, from_c);
    for (long i = 0; i < height; i++)
      memcpy(c + i * p->c_step, tile + i * PANEL, (size_t)width * sizeof(float));
  }
}

static void run_product(void *context, long task, int worker) {
  const product *p = context;
  long block = task / p->panels, panel = task % p->panels;
  long row = ck_part(p->m, p->row_blocks, block);
  long rows = ck_part(p->m, p->row_blocks, block + 1) - row;
  long column = panel * p->panel, width = ck_min(p->panel, p->n - column);
  int vectors = (int)ck_ceil_div(width, 16);
  float *packed = ck_scratch(p->pool, worker, CK_SCRATCH_PANEL, DEPTH * PANEL);
  float *c = p->c + row * p->c_step + column;

  for (long d = 0; d < p->depths; d++) {
    long k = ck_part(p->k, p->depths, d), depth = ck_part(p->k, p->depths, d + 1) - k;
    int from_c = p->accumulate || d > 0;
    // A panel that only a few tiles read is not worth packing, if it can be read as it is.
    int direct = !p->b_transposed && width % 16 == 0 && rows <= 2 * p->kernels->tile_rows;
    const float *b = direct ? p->b + k * p->b_step + column : packed;
    long b_step = direct ? p->b_step : 16 * vectors;
    if (!direct) pack_right(p, k, depth, column, width, vectors, packed);
    if (width % 16)
      partial_panel(p, row, rows, column, width, k, depth, b, vectors, from_c);
    else
      ck_multiply(p->kernels, p->a, row, k, rows, vectors, depth, b, b_step, c, p->c_step, from_c);
  }
  if (ck_has_epilogue(p->epilogue))
    p->kernels->finish(p->epilogue, row, column, rows, width, c, p->c_step);
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
  // Below this size waking a thread costs more than it brings.
  int small = (double)m * (double)n * (double)k < 1e5;
  ck_parallel(small ? NULL : pool, p.row_blocks * p.panels, run_product, &p);
}
