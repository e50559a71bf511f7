#ifndef CK_POOL_PRIVATE_H
#define CK_POOL_PRIVATE_H

#include "include/pool.h"

struct ck_worker_memory;

struct ck_worker_memory *ck_pool_memory(ck_pool *pool, int worker);

/// A worker's own block grew: the others' follow after the region.
void ck_pool_scratch_grew(ck_pool *pool);

#endif
