#ifndef CK_VECTOR_SPARSE_H
#define CK_VECTOR_SPARSE_H

#include "pool.h"
#include "vector_gradient.h"

// Products with a matrix f[m, k] most of whose numbers are 0, which are left out. Each returns 1, or does
// nothing and returns 0 where f is not worth it: where a row has more than k / 16 numbers that are not 0, or k
// is small. That depends on the numbers alone.

/// y[m, n] = f·w, with w[k, n].
int ck_sparse_product(ck_pool *pool, long m, long k, long n, const float *f, const float *w,
                      ck_gradient y);

/// The gradients from g[m, n] of y: dw[k, n] = fᵀ·g, and df[m, k] = g·wᵀ where f is not 0, and 0 where it is.
int ck_sparse_product_backward(ck_pool *pool, long m, long k, long n, const float *f,
                               const float *w, const float *g, ck_gradient df, ck_gradient dw);

#endif
