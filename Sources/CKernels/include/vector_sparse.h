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

/// The most entries of a row.
enum { CK_MOST_ENTRIES = 1024 };

/// A matrix of a few numbers a row, as lists: number i of row r is values[r·step + i] in column places[r·step + i].
/// Only numbers above 0 count, and NaN; their columns ascend.
typedef struct ck_entries {
  long count, step;
  float *values, *places;
} ck_entries;

/// y[m, n] = f·w, with w[k, n] and entries of f[m, k].
void ck_entries_product(ck_pool *pool, long m, long k, long n, ck_entries f, const float *w,
                        ck_gradient y);

/// The gradients from g[m, n] of y: dw, and df at all entries, df[r·step + i]: also at those that are 0.
void ck_entries_product_backward(ck_pool *pool, long m, long k, long n, ck_entries f,
                                 const float *w, const float *g, int add, float *df,
                                 ck_gradient dw);

/// counts[k]: in how many rows a column has an entry.
void ck_entries_counts(long m, long k, ck_entries f, float *counts);

/// The gradients of a linear layer y[m, k] = x[m, n]·wᵀ + b of which only entries are used, from the gradients
/// by their values. Of each row the first `lead` entries and the others may name the same column.
void ck_entries_linear_backward(ck_pool *pool, long m, long k, long n, ck_entries f, long lead,
                                const float *df, const float *x, const float *w, ck_gradient dx,
                                ck_gradient dw, ck_gradient db);

#endif
