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

/// A worker's own block grew: the others' follow after the region.
void ck_pool_scratch_grew(ck_pool *pool);

/// Makes the workers' own blocks as large as the largest of each slot (worker 0's stay), so that it
/// does not depend on who does which task when memory is asked for. Between two regions only.
void ck_scratch_level(struct ck_worker_memory *memory, int threads);

/// Frees the blocks, not `memory` itself.
void ck_scratch_free(struct ck_worker_memory *memory);

#endif
