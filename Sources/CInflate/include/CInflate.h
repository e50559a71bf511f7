#ifndef CINFLATE_H
#define CINFLATE_H

#include <stddef.h>
#include <stdint.h>

// Unpacks deflated data that lies in memory whole, into memory of known size: about twice as fast
// as a library that must be able to stop anywhere.

/// Unpacks a raw deflate stream (RFC 1951) from in[0 ..< in_count] into out[0 ..< out_count].
///
/// Returns how many bytes of `in` it takes, or -1 where the stream is damaged, ends too early or
/// does not give exactly `out_count` bytes. Never reads or writes outside the two arrays, whatever
/// they hold. `crc` becomes the CRC-32 of what was unpacked, taken while it is in the cache.
ptrdiff_t ci_inflate(const uint8_t *in, size_t in_count, uint8_t *out, size_t out_count,
                     uint32_t *crc);

/// The CRC-32 of gzip, zip and PNG, continued from `crc` (0 at first).
uint32_t ci_crc32(uint32_t crc, const uint8_t *bytes, size_t count);

#endif
