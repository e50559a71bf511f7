#ifndef CK_POOL_PRIVATE_H
#define CK_POOL_PRIVATE_H

#include <stddef.h>

#include "include/pool.h"
#include "scratch.h"

/// One worker's blocks of working memory.
struct ck_worker_memory {
  float *block[CK_SCRATCH_SLOTS];
  size_t bytes[CK_SCRATCH_SLOTS];
};

struct ck_worker_memory *ck_pool_memory(ck_pool *pool, int worker);

/// Frees the blocks, not `memory` itself.
void ck_scratch_free(struct ck_worker_memory *memory);

#endif
