#ifndef CK_SCRATCH_H
#define CK_SCRATCH_H

#include "include/pool.h"

/// What a worker keeps working memory for. A block lives until the pool (or, for a NULL pool, the
/// thread) ends, is 64-byte aligned and grows only when a larger one is asked for.
enum ck_scratch_slot {
  CK_SCRATCH_PANEL,   ///< a worker's packed panels
  CK_SCRATCH_IMAGE,   ///< a worker's padded images
  CK_SCRATCH_TILE,    ///< a worker's partial outputs
  CK_SCRATCH_LEFT,    ///< a worker's packed left matrix
  CK_SCRATCH_ROWS,    ///< a worker's rows of a gradient
  // Shared by the workers of a region: asked for as worker 0, before the region.
  CK_SCRATCH_SHARED,  ///< a matrix packed by all and read by all
  CK_SCRATCH_TABLE,   ///< offsets into images
  CK_SCRATCH_PARTIAL, ///< sums of chunks
  CK_SCRATCH_SLOTS,
};

/// At least `floats` floats of uninitialised memory; it stays valid until the same slot of the same
/// worker is asked for more.
float *ck_scratch(ck_pool *pool, int worker, enum ck_scratch_slot slot, long floats);

#endif
