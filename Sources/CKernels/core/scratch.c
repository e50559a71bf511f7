#include "core/scratch.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/pool_private.h"
#include "core/worker_memory.h"

// A NULL pool means the caller's thread: its memory is freed when the thread ends.
static pthread_key_t serial_key;
static pthread_once_t serial_once = PTHREAD_ONCE_INIT;

static void serial_free(void *memory) {
  ck_worker_memory_free(memory);
  free(memory);
}

static void serial_make_key(void) { pthread_key_create(&serial_key, serial_free); }

static struct ck_worker_memory *serial_memory(void) {
  pthread_once(&serial_once, serial_make_key);
  struct ck_worker_memory *memory = pthread_getspecific(serial_key);
  if (memory) return memory;
  memory = calloc(1, sizeof *memory);
  pthread_setspecific(serial_key, memory);
  return memory;
}

float *ck_scratch(ck_pool *pool, int worker, enum ck_scratch_slot slot, long floats) {
  struct ck_worker_memory *memory =
      pool ? ck_pool_memory(pool, worker) : serial_memory();
  size_t bytes = (size_t)(floats > 0 ? floats : 1) * sizeof(float);
  if (bytes <= memory->bytes[slot]) return memory->block[slot];
  ck_worker_memory_grow(memory, slot, (bytes + 4095) / 4096 * 4096);
  if (pool && slot < CK_SCRATCH_SHARED) ck_pool_scratch_grew(pool);
  return memory->block[slot];
}
