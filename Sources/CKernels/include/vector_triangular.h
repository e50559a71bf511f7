#ifndef CK_VECTOR_TRIANGULAR_H
#define CK_VECTOR_TRIANGULAR_H

#include "pool.h"
#include "vector_gradient.h"

// Lower triangular matrices, one an example, packed row by row: element (i, k), k ≤ i, of d×d is
// number i·(i + 1)/2 + k. l[batch, d·(d + 1)/2], vectors [batch, d].

/// y = L·x.
void ck_triangular_product(ck_pool *pool, long batch, long d, const float *l, const float *x,
                           float *y);
void ck_triangular_product_backward(ck_pool *pool, long batch, long d, const float *l,
                                    const float *x, const float *dy, ck_gradient dl,
                                    ck_gradient dx);

/// y = L⁻¹·x, by forward substitution. Nothing on the diagonal may be 0.
void ck_triangular_solve(ck_pool *pool, long batch, long d, const float *l, const float *x,
                         float *y);

/// `work`, [batch, d], is used on the way.
void ck_triangular_solve_backward(ck_pool *pool, long batch, long d, const float *l,
                                  const float *y, const float *dy, float *work, ck_gradient dl,
                                  ck_gradient dx);

#endif
