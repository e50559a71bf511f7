#ifndef C_ALLOCATIONS_H
#define C_ALLOCATIONS_H

#include <stdint.h>

/// How often any thread of this process has asked for memory since it started: calls of malloc,
/// calloc, realloc, memalign, aligned_alloc and posix_memalign.
///
/// This library takes the place of those functions, for programs that it is loaded into before all
/// others (LD_PRELOAD), and passes each call on to the GNU C library. It is a tool for tests and
/// benchmarks, is part of no program, and does nothing where there is another C library.
uint64_t expt_allocation_count(void);

/// Counts no more of what the calling thread asks for.
void expt_allocations_leave_out(void);

#endif
