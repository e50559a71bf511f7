#ifndef CK_VECTOR_INDEX_H
#define CK_VECTOR_INDEX_H

#include "pool.h"
#include "vector_gradient.h"

// Rows chosen by number. Numbers are whole, in float32, and below 2^24; one out of range counts as the
// nearest that is not.

/// y[rows] = the column of the row's largest x·sign; of equal ones the lowest. sign: 1 or −1.
void ck_arg_max_rows(ck_pool *pool, long rows, long cols, float sign, const float *x, float *y);

/// y[n, cols] = or += row index[i] of x[rows, cols].
void ck_gather_rows(ck_pool *pool, long n, long rows, long cols, const float *index,
                    const float *x, ck_gradient y);

/// y[rows, cols] = or += the sums of those rows of x[n, cols] that have the row's number. Rows are
/// added in ascending order, as in sums over rows.
void ck_scatter_rows(ck_pool *pool, long n, long rows, long cols, const float *index,
                     const float *x, ck_gradient y);

/// y[n, cols]: 1 in column index[i], else 0.
void ck_one_hot(ck_pool *pool, long n, long cols, const float *index, float *y);

#endif
