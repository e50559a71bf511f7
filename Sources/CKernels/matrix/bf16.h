#ifndef CK_MATRIX_BF16_H
#define CK_MATRIX_BF16_H

#include "include/precision.h"
#include "matrix/kernels.h"

// The instruction multiplies pairs: each lane of the right operand holds two rows of a column, and
// each lane of the left the same two columns of one row. Numbers come as float32 and are rounded into pairs:
// those of a convolution piece by piece, from the panels and layouts that all products use (ck_multiply_bf16),
// those of a product all at once (ck_gemm_bf16).

enum {
  CK_BF16_DEPTH = 256,  // links of a chain that are multiplied together: its pairs lie in the first cache
  CK_BF16_PAIRS = CK_BF16_DEPTH / 2,
  CK_BF16_ROWS = 14,  // the most rows of a tile
  CK_BF16_WIDE_ROWS = 9,  // of one of 3 vectors
  CK_BF16_VECTORS = 3,
};

static inline long ck_bf16_rows(long vectors) {
  return vectors == CK_BF16_VECTORS ? CK_BF16_WIDE_ROWS : CK_BF16_ROWS;
}

/// C[rows, 16·vectors] = (from_c ? C : 0) + A·B in the order of the pairs, one tile held in registers. B has 16·vectors
/// pairs for each two rows. Pair p of A's row i is at left[i·CK_BF16_PAIRS + p] where A lies by row, else at
/// left[p·left_step + i].
typedef void (*ck_bf16_tile)(long pairs, const int32_t *left, long left_step, const int32_t *right,
                             float *c, long c_step, int from_c);

/// Tiles of i rows and v vectors are at [v − 1][i − 1].
extern const ck_bf16_tile ck_bf16_by_row[CK_BF16_VECTORS][CK_BF16_ROWS];
extern const ck_bf16_tile ck_bf16_by_depth[CK_BF16_VECTORS][CK_BF16_ROWS];

/// `depth` rows of up to 16 floats as pairs of rows, `to_step` numbers apart: 16 are written, of an odd row
/// the other is 0.
void ck_bf16_pair_rows(const float *from, long from_step, long depth, long width, int32_t *to,
                       long to_step);

/// `depth` floats of a row as pairs, the last one with 0 if it is alone: multiples of 16 are written.
void ck_bf16_pair_row(const float *from, long depth, int32_t *to);

/// What ck_gemm is in a pool in bf16.
void ck_gemm_bf16(ck_pool *pool, ck_left a, int trans_b, long m, long n, long k, const float *b,
                  long ldb, float *c, long ldc, int accumulate, const ck_epilogue *epilogue);

/// What ck_gemm_update is.
void ck_gemm_update_bf16(ck_pool *pool, ck_left a, long m, long n, long k, const float *b, long ldb,
                         const ck_update *update, long first);

#endif
