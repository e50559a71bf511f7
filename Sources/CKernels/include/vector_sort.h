#ifndef CK_VECTOR_SORT_H
#define CK_VECTOR_SORT_H

#include <stdint.h>

#include "pool.h"
#include "vector_gradient.h"
#include "vector_sparse.h"

// Order within rows. −0 and 0 are equal, NaN is larger than any number, and of equal elements the one
// with the lower number comes first; so there is one right answer, whoever computes it.

/// y[rows, cols] = each row of x in ascending order; `order` says where each element came from.
void ck_sort_rows(ck_pool *pool, long rows, long cols, const float *x, float *y, float *order);

/// mask[rows, cols]: 1 for the k largest of each row, of equal ones those with the lower number;
/// else 0.
void ck_top_k_mask(ck_pool *pool, long rows, long cols, long k, const float *x, float *mask);

/// y[rows, cols]: the same numbers themselves, 0 for those below 0; else 0.
void ck_top_k_rectified(ck_pool *pool, long rows, long cols, long k, const float *x, float *y);

/// The same numbers as entries, in the order of their columns; `among` [cols], where it is not NULL, leaves out
/// columns that are 0 there. Where there are fewer columns, or the numbers are below 0, entries are 0.
void ck_top_k_entries(ck_pool *pool, long rows, long cols, const float *x, const float *among,
                      ck_entries to);

/// order[cols, rows]: for each column a permutation of the rows, by the random bits of
/// (seed, stream, position).
void ck_permutations(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long rows,
                     long cols, float *order);

/// y[order's row] … : with `forward`, y[i, j] = or += x[order[j, i], j]; else
/// y[order[j, i], j] = or += x[i, j].
void ck_permute_columns(ck_pool *pool, int forward, long rows, long cols, const float *order,
                        const float *x, ck_gradient y);

/// dx[row, order[row, i]] = or += dy[row, i].
void ck_unsort_rows(ck_pool *pool, long rows, long cols, const float *order, const float *dy,
                    ck_gradient dx);

#endif
