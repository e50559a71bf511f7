#ifndef CK_PRECISION_H
#define CK_PRECISION_H

#include "pool.h"

/// What the products of matrices are computed from. Everything else is float32 always.
typedef enum ck_precision {
  CK_FLOAT32 = 0,
  /// Both operands are rounded to bfloat16 (8 bits of precision, to the nearest, ties to even), and
  /// the products summed in float32, two at a time. The order of the sums depends on the shapes
  /// only, so the same bits come out for any number of threads. Of convolutions only those of fewer than 8 images
  /// are (not to or from a few channels, nor the gradient by the weights): the others stay float32, which is as
  /// fast on every processor tried, with lanes of images and fewer products (conv/winograd.h).
  CK_BF16 = 1,
} ck_precision;

/// Whether this build and this machine can multiply so.
int ck_precision_available(ck_precision precision);

/// How many times as fast as float32 this machine multiplies so, measured within some milliseconds.
double ck_precision_speed(ck_precision precision);

/// Chooses for all later products of a pool. Returns 0, or -1 (and changes nothing) if it is not
/// available. A new pool, and no pool, is float32.
int ck_pool_set_precision(ck_pool *pool, ck_precision precision);

ck_precision ck_pool_precision(const ck_pool *pool);

#endif
