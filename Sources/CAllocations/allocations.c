#include "include/CAllocations.h"

#if defined(__linux__)
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#if defined(__GLIBC__)
static atomic_ulong calls;
// Of the model that needs no memory of its own: this is read inside malloc.
static _Thread_local int is_left_out __attribute__((tls_model("initial-exec")));

static void count(void) {
  if (!is_left_out) atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed);
}

void expt_allocations_leave_out(void) { is_left_out = 1; }

uint64_t expt_allocation_count(void) {
  return atomic_load_explicit(&calls, memory_order_relaxed);
}

// What glibc itself calls these functions.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
  count();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count();
  return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
  count();
  return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  count();
  if (alignment % sizeof(void *) || (alignment & (alignment - 1)) || !alignment) return EINVAL;
  void *result = __libc_memalign(alignment, size);
  if (!result) return ENOMEM;
  *memory = result;
  return 0;
}
#endif
#endif
