#ifndef CK_SCRATCH_H
#define CK_SCRATCH_H

#include "include/pool.h"

/// What a worker keeps working memory for. A block lives until the pool (or, for a NULL pool, the
/// thread) ends, is 64-byte aligned and grows only when a larger one is asked for.
enum ck_scratch_slot {
  CK_SCRATCH_PANEL,   ///< a worker's packed panels
  CK_SCRATCH_IMAGE,   ///< a worker's padded images
  CK_SCRATCH_TILE,    ///< a worker's partial outputs
  CK_SCRATCH_SHARED,  ///< packed once by all, read by all: ask as worker 0, outside a region
  CK_SCRATCH_PARTIAL, ///< sums of chunks: ask as worker 0, outside a region
  CK_SCRATCH_SLOTS,
};

/// At least `floats` floats of uninitialised memory; it stays valid until the same slot of the same
/// worker is asked for more.
float *ck_scratch(ck_pool *pool, int worker, enum ck_scratch_slot slot, long floats);

#endif
