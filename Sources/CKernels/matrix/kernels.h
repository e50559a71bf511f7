#ifndef CK_MATRIX_KERNELS_H
#define CK_MATRIX_KERNELS_H

#include <stdint.h>

#include "include/matrix.h"

/// C[rows, 16·vectors] = (from_c ? C : 0) + A·B, one tile held in registers.
///
/// `rows` and `vectors` are fixed for each function. B has `depth` rows of 16·vectors floats,
/// `b_step` floats apart; C has rows `c_step` apart. Where the elements of A lie depends on the
/// family: `by_row` has A[i][k] at a[i·a_step + k], `by_depth` at a[k·a_step + i].
typedef void (*ck_tile)(long depth, const float *a, long a_step, const float *b, long b_step,
                        float *c, long c_step, int from_c);

/// A piece of a panel's row that is contiguous in an image.
typedef struct ck_run {
  int32_t from, to, length;
} ck_run;

/// How the memory of the left matrix A[rows, depth] is laid out.
typedef enum ck_layout {
  CK_BY_ROW,    ///< A[i][k] at data[i·step + k]
  CK_BY_DEPTH,  ///< A[i][k] at data[k·step + i]
  CK_TILED,     ///< packed tile by tile; `step` is A's whole depth
} ck_layout;

typedef struct ck_left {
  const float *data;
  long step;
  ck_layout layout;
} ck_left;

/// The matrix kernels of one instruction set. All give the same bits, but for bf16's.
typedef struct ck_matrix_kernels {
  int tile_rows;     ///< the most rows of a tile
  int tile_vectors;  ///< the most 16-lane vectors in a row of a tile
  /// Tiles of i rows and v vectors are at [(i − 1)·tile_vectors + v − 1].
  const ck_tile *by_row, *by_depth;
  /// Tiles of i rows and `wide_vectors` vectors, if there are such, are at [i − 1].
  const ck_tile *wide_by_row, *wide_by_depth;
  int wide_rows, wide_vectors;
  /// to[c·to_step + r] = from[r·from_step + c] for r < rows, c < cols. With `pad`, each row of `to`
  /// is filled with zeros up to the next multiple of 16.
  void (*transpose)(const float *from, long from_step, long rows, long cols, float *to,
                    long to_step, int pad);
  /// Copies `rows` rows of `cols` floats; zeros from `cols` to the next multiple of 16.
  void (*copy)(const float *from, long from_step, long rows, long cols, float *to, long to_step);
  /// Copies pieces of images into a panel: for each k < depth and each run r,
  /// to[k·to_step + r.to + i] = from[offsets[k] + r.from + i] for i < r.length; then zeros from
  /// `width` to the next multiple of 16. `longest` is the longest run, at most 16. Runs come in
  /// ascending order without gaps. May read and write up to 15 floats beyond what is asked.
  void (*gather)(const float *from, const int32_t *offsets, long depth, const ck_run *runs,
                 long count, long longest, long width, float *to, long to_step);
  /// C[rows, cols] from sums[rows, cols], which may be C itself: adds the bias and applies the
  /// activation. The first element is element `row`, `col` of the biases.
  void (*finish)(const ck_epilogue *epilogue, long row, long col, long rows, long cols,
                 const float *sums, long sums_step, float *c, long c_step);
  /// What ck_multiply is, where that is not made of the tiles above: for bf16.
  void (*multiply)(ck_left a, long row, long k, long rows, int vectors, long depth,
                   const float *b, long b_step, float *c, long c_step, int from_c);
} ck_matrix_kernels;

extern const ck_matrix_kernels ck_matrix_portable, ck_matrix_avx2, ck_matrix_avx512,
    ck_matrix_neon, ck_matrix_bf16;

/// The float32 kernels of the instruction set in use.
const ck_matrix_kernels *ck_matrix_current(void);

/// The kernels for a pool's products, by its precision.
const ck_matrix_kernels *ck_matrix_of(const ck_pool *pool);

/// Keeps loads where they are written. Without it the compiler may load all rows of a tile first,
/// for which the registers do not suffice, and spill the sums.
#define CK_KEEP_ORDER __asm__ volatile("" ::: "memory")

static inline long ck_min(long a, long b) { return a < b ? a : b; }
static inline long ck_max(long a, long b) { return a > b ? a : b; }
static inline long ck_ceil_div(long a, long b) { return (a + b - 1) / b; }
static inline long ck_round_up(long a, long b) { return ck_ceil_div(a, b) * b; }

/// Where part `i` of `n` begins when `total` is cut into parts as equal as can be.
static inline long ck_part(long total, long n, long i) {
  return total / n * i + ck_min(i, total % n);
}

static inline int ck_has_epilogue(const ck_epilogue *e) {
  return e && (e->bias || e->activation != CK_ACTIVATION_NONE);
}

/// How many tiles `rows` rows are cut into. Their heights differ by one at most.
static inline long ck_tiles(const ck_matrix_kernels *kernels, long rows) {
  return ck_ceil_div(rows, kernels->tile_rows);
}

/// C[rows, 16·vectors] (=|+=) A[row ..< row+rows, k ..< k+depth] · B[depth, 16·vectors].
/// At most 3 vectors. A tiled A is only taken whole: row 0, all its rows, and by 1 or 2 vectors.
void ck_multiply(const ck_matrix_kernels *kernels, ck_left a, long row, long k, long rows,
                 int vectors, long depth, const float *b, long b_step, float *c, long c_step,
                 int from_c);

void ck_multiply_bf16(ck_left a, long row, long k, long rows, int vectors, long depth,
                      const float *b, long b_step, float *c, long c_step, int from_c);

#endif
