#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "include/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

enum {
  BOUNDARY = 64,
  HUGE_PAGE = 2 << 20,
  LARGE = 512 << 10,  // from here on a block takes whole huge pages
};

void ck_memory_fail(size_t bytes) {
  // No thread's clean-up is waited for, and no memory asked for.
  char text[160];
  int length = snprintf(text, sizeof text,
                        "error: there is no memory left for %zu bytes: use a smaller model or batch, "
                        "or allow the process more\n", bytes);
  if (write(STDERR_FILENO, text, (size_t)length) < 0) _exit(70);
  _exit(70);
}

static size_t whole_pages(size_t bytes) { return (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE; }

/// Fresh memory is zeros already.
static void *map(size_t bytes) {
  size_t length = whole_pages(bytes);
  if (length < bytes || length > SIZE_MAX - HUGE_PAGE) ck_memory_fail(bytes);
  char *start = mmap(NULL, length + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1,
                     0);
  if (start == MAP_FAILED) ck_memory_fail(bytes);
  size_t before = (HUGE_PAGE - (uintptr_t)start % HUGE_PAGE) % HUGE_PAGE;
  if (before > 0) munmap(start, before);
  munmap(start + before + length, HUGE_PAGE - before);
#ifdef MADV_HUGEPAGE
  madvise(start + before, length, MADV_HUGEPAGE);  // a wish: small pages do too
#endif
  return start + before;
}

void *ck_memory_allocate(size_t bytes) {
  if (bytes >= LARGE) return map(bytes);
  void *memory = NULL;
  if (posix_memalign(&memory, BOUNDARY, bytes > 0 ? bytes : 1) != 0) ck_memory_fail(bytes);
  return memset(memory, 0, bytes);
}

void ck_memory_free(void *memory, size_t bytes) {
  if (bytes < LARGE)
    free(memory);
  else if (memory)
    munmap(memory, whole_pages(bytes));
}

void ck_memory_return_large_blocks(void) {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}
