#ifndef CK_VECTOR_H
#define CK_VECTOR_H

// Everything that is not a matrix product: elementwise functions, reductions, losses,
// normalisations, random numbers, batches and optimizers, all in float32.
//
// Common to all of them:
// - Arrays are contiguous and row-major unless strides are given. The caller owns every buffer;
//   none is kept after the call. Sizes of 0 are allowed.
// - The same bits come out for any number of threads and on any instruction set (of a NaN, only
//   that it is one). `pool` may be NULL: all work is then done on the caller's thread. Small arrays
//   are never handed to other threads.
// - An output may be the same buffer as an input where the function works element by element;
//   otherwise outputs overlap nothing.
// - How sums are made: a run of consecutive elements is cut into blocks of 1024. In a block, lane l
//   of 16 adds elements l, l + 16, … in order in float32, the lanes are added by a fixed tree
//   (l + 8, + 4, + 2, + 1), and the blocks' sums are added in order in double. Sums over rows (one
//   for each column) add 128 rows in order in float32, and those sums in order in double.
#include "activation.h"
#include "pool.h"
#include "random.h"
#include "vector_axis.h"
#include "vector_data.h"
#include "vector_density.h"
#include "vector_elementwise.h"
#include "vector_index.h"
#include "vector_loss.h"
#include "vector_norm.h"
#include "vector_optimizer.h"
#include "vector_pairs.h"
#include "vector_planes.h"
#include "vector_reduce.h"
#include "vector_sort.h"
#include "vector_sparse.h"
#include "vector_triangular.h"

#endif
