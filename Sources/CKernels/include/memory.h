#ifndef CK_MEMORY_H
#define CK_MEMORY_H

#include <stddef.h>

/// At least `bytes` bytes of zeros on a 64-byte boundary, for ck_memory_free. Ends the process with a
/// sentence if there are none left.
///
/// Large blocks lie in huge pages where the system grants them: transposing images that lie far
/// apart touches a page each for every cache line.
void *ck_memory_allocate(size_t bytes);

/// Says that there is no memory for so many bytes, and ends the process with EX_SOFTWARE (70).
_Noreturn void ck_memory_fail(size_t bytes);

/// Gives back what ck_memory_allocate gave for as many bytes. NULL is allowed.
void ck_memory_free(void *memory, size_t bytes);

/// Lets free() give blocks of a MiB or more back to the system at once. The GNU C library keeps blocks of up
/// to 32 MiB once one of their size was freed: 400 MB of a run with 17 million parameters, which are read or
/// drawn layer by layer.
void ck_memory_return_large_blocks(void);

#endif
