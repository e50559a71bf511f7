#ifndef CK_VECTOR_REDUCE_H
#define CK_VECTOR_REDUCE_H

#include "activation.h"
#include "pool.h"
#include "vector_gradient.h"

/// The sum of x[n]: chunks of 4096 elements, each in blocks as vector.h says, added in order.
double ck_sum(ck_pool *pool, long n, const float *x);

/// The sum of the squares of x[n], likewise.
double ck_sum_of_squares(ck_pool *pool, long n, const float *x);

/// The index of the first infinity or NaN in x[n], or -1.
long ck_first_not_finite(ck_pool *pool, long n, const float *x);

/// y[rows] = the sum of each row of x[rows, cols].
void ck_sum_rows(ck_pool *pool, long rows, long cols, const float *x, float *y);

/// dx[rows, cols] = or += scale · g[row]: the gradient of a sum or mean of each row.
void ck_spread_rows(ck_pool *pool, long rows, long cols, float scale, const float *g,
                    ck_gradient dx);

/// y[cols] = or += the sum over the rows of x[rows, cols].
void ck_sum_columns(ck_pool *pool, long rows, long cols, const float *x, ck_gradient y);

/// dx[rows, cols] = or += scale · g[col]: the gradient of a sum or mean over the rows.
void ck_spread_columns(ck_pool *pool, long rows, long cols, float scale, const float *g,
                       ck_gradient dx);

/// y[channels] = or += the sum over batch and inner of x[batch, channels, inner].
void ck_sum_channels(ck_pool *pool, long batch, long channels, long inner, const float *x,
                     ck_gradient y);

/// y[rows] = the largest of each row of x[rows, cols]; NaN if there is one. cols > 0.
void ck_max_rows(ck_pool *pool, long rows, long cols, const float *x, float *y);

/// y[rows] = log Σ exp(x) of each row of x[rows, cols]. cols > 0.
void ck_log_sum_exp(ck_pool *pool, long rows, long cols, const float *x, float *y);

/// dx[rows, cols] = or += g[row] · exp(x − y[row]), with y from ck_log_sum_exp.
void ck_log_sum_exp_backward(ck_pool *pool, long rows, long cols, const float *x, const float *y,
                             const float *g, ck_gradient dx);

/// y[rows, cols] = exp(x) / Σ exp(x) in each row. cols > 0.
void ck_softmax(ck_pool *pool, long rows, long cols, const float *x, float *y);

/// dx[rows, cols] = or += y · (dy − Σ dy·y), the sum over the row.
void ck_softmax_backward(ck_pool *pool, long rows, long cols, const float *y, const float *dy,
                         ck_gradient dx);

/// dz[rows, cols] = dy · f'(y) and dbias[cols] = or += the sum of dz over the rows, in one pass,
/// for one of CK_ACTIVATIONS_FROM_OUTPUT.
///
/// `dz` may be `dy`; it may be NULL where only the bias is wanted. `y` is the activation's output.
void ck_activation_backward_bias(ck_pool *pool, ck_activation activation, float slope, long rows,
                                 long cols, const float *y, const float *dy, float *dz,
                                 ck_gradient dbias);

/// The same for images: dz[batch, channels, inner], dbias[channels].
void ck_activation_backward_channel_bias(ck_pool *pool, ck_activation activation, float slope,
                                         long batch, long channels, long inner, const float *y,
                                         const float *dy, float *dz, ck_gradient dbias);

#endif
