#include "core/worker_memory.h"

#include "include/memory.h"

void ck_worker_memory_free(struct ck_worker_memory *memory) {
  for (int slot = 0; slot < CK_SCRATCH_SLOTS; slot++)
    ck_memory_free(memory->block[slot], memory->bytes[slot]);
}

void ck_worker_memory_grow(struct ck_worker_memory *memory, enum ck_scratch_slot slot,
                           size_t bytes) {
  ck_memory_free(memory->block[slot], memory->bytes[slot]);
  memory->block[slot] = ck_memory_allocate(bytes);
  memory->bytes[slot] = bytes;
}

void ck_worker_memory_level(struct ck_worker_memory *memory, int threads) {
  for (int slot = 0; slot < CK_SCRATCH_SHARED; slot++) {
    size_t largest = 0;
    for (int i = 0; i < threads; i++)
      if (memory[i].bytes[slot] > largest) largest = memory[i].bytes[slot];
    for (int i = 1; i < threads; i++)
      if (memory[i].bytes[slot] < largest) ck_worker_memory_grow(&memory[i], slot, largest);
  }
}
