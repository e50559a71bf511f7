#ifndef CK_WORKER_MEMORY_H
#define CK_WORKER_MEMORY_H

#include <stddef.h>

#include "core/scratch.h"

/// One worker's blocks of working memory.
struct ck_worker_memory {
  float *block[CK_SCRATCH_SLOTS];
  size_t bytes[CK_SCRATCH_SLOTS];
};

/// Gives a slot a block of so many bytes; what it held is lost.
void ck_worker_memory_grow(struct ck_worker_memory *memory, enum ck_scratch_slot slot,
                           size_t bytes);

/// Makes the workers' own blocks as large as the largest of each slot (worker 0's stay), so that it
/// does not depend on who does which task when memory is asked for. Between two regions only.
void ck_worker_memory_level(struct ck_worker_memory *memory, int threads);

/// Frees the blocks, not `memory` itself.
void ck_worker_memory_free(struct ck_worker_memory *memory);

#endif
