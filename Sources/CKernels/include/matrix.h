#ifndef CK_MATRIX_H
#define CK_MATRIX_H

#include "activation.h"
#include "pool.h"
#include "vector_optimizer.h"

// Matrix products in float32.
//
// Every output element is one chain of fused multiply-adds in a fixed order, starting from 0 (or,
// with `accumulate`, from the element's old value). Bias is added after the chain, then the
// activation is applied. The order depends on the shapes only: the same bits come out for any
// number of threads and on any instruction set. ck_gemm_halves has two chains, and a pool in bf16 has
// others (precision.h).
//
// The caller owns every buffer; none may overlap an output; none is kept after the call returns.
// Sizes of 0 are allowed. A NULL pool computes on the caller's thread. Working memory is kept by
// the pool (by the thread when the pool is NULL) and grows only when a larger shape arrives.

/// What happens to an output element after its chain of products.
typedef struct ck_epilogue {
  /// One value for each column (`bias_per_row` 0) or each row (1) of a matrix product, one for each
  /// output channel of a convolution (`bias_per_row` ignored). NULL: none.
  const float *bias;
  int bias_per_row;
  /// One of CK_ACTIVATIONS_FROM_OUTPUT.
  ck_activation activation;
  /// The activation's parameter.
  float slope;
} ck_epilogue;

/// C[m, n] = op(A)[m, k] · op(B)[k, n], then the epilogue. All row-major.
///
/// trans_a 0: A is [m, k] with rows `lda` floats apart; 1: A is [k, m] and op(A) its transpose.
/// trans_b 0: B is [k, n] with rows `ldb` floats apart; 1: B is [n, k] and op(B) its transpose.
/// Rows of C are `ldc` floats apart. `accumulate`: the chain starts from the old C.
/// `epilogue` may be NULL. Order of the chain: k ascending.
void ck_gemm(ck_pool *pool, int trans_a, int trans_b, long m, long n, long k, const float *a,
             long lda, const float *b, long ldb, float *c, long ldc, int accumulate,
             const ck_epilogue *epilogue);

/// C[m, n] = A[m, k] · B[k, n], all contiguous, each element as two chains: of the first k / 4 · 2
/// products, from 0 or the old C, and of the others, from 0. Their sums are added.
///
/// The two halves of B are read by different threads. So each finds in its own cache what it wrote
/// there itself: the weights after ck_gemm_update, whose rows were shared out alike.
void ck_gemm_halves(ck_pool *pool, long m, long n, long k, const float *a, const float *b, float *c,
                    int accumulate);

/// `batch` products of matrices that lie one after another, all contiguous: C[i] = op(A[i]) · op(B[i]),
/// each with the chains of ck_gemm.
void ck_gemm_batch(ck_pool *pool, long batch, int trans_a, int trans_b, long m, long n, long k,
                   const float *a, const float *b, float *c, int accumulate);

/// Takes an optimizer's step by a gradient that is a product, G[m, n] = op(A)[m, k] · B[k, n], and
/// is not kept. Element (i, j) of G is the gradient by element first + i·n + j of the arrays of
/// `update`. A, B and the chains are as for ck_gemm; the bytes are those of ck_gemm and
/// ck_update_run.
void ck_gemm_update(ck_pool *pool, int trans_a, long m, long n, long k, const float *a, long lda,
                    const float *b, long ldb, const ck_update *update, long first);

#endif
