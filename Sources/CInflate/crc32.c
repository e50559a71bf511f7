// CRC-32, polynomial 0xedb88320 (bits reversed).
#include <string.h>

#include "include/CInflate.h"

/// By bytes, four bits at a time.
static uint32_t crc_of_bytes(uint32_t crc, const uint8_t *bytes, size_t count) {
  static const uint32_t table[16] = {
      0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
      0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  crc = ~crc;
  for (size_t i = 0; i < count; i++) {
    crc ^= bytes[i];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  return ~crc;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define CI_CARRYLESS __attribute__((target("pclmul,sse4.1")))

/// x·x^(128·n) + y for the n whose two constants are in k.
CI_CARRYLESS static inline __m128i fold(__m128i x, __m128i k, __m128i y) {
  __m128i low = _mm_clmulepi64_si128(x, k, 0x00), high = _mm_clmulepi64_si128(x, k, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), y);
}

CI_CARRYLESS static inline __m128i load(const uint8_t *p) {
  return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/// Four sums of 16 bytes at a time; at least 64 bytes, a multiple of 16.
///
/// Source: Gopal et al., "Fast CRC computation for generic polynomials using PCLMULQDQ", Intel 2009.
CI_CARRYLESS static uint32_t crc_of_blocks(uint32_t crc, const uint8_t *p, size_t count) {
  const __m128i by4 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
  const __m128i by1 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  __m128i a = _mm_xor_si128(load(p), _mm_cvtsi32_si128((int)~crc)), b = load(p + 16);
  __m128i c = load(p + 32), d = load(p + 48);
  for (p += 64, count -= 64; count >= 64; p += 64, count -= 64) {
    a = fold(a, by4, load(p));
    b = fold(b, by4, load(p + 16));
    c = fold(c, by4, load(p + 32));
    d = fold(d, by4, load(p + 48));
  }
  a = fold(fold(fold(a, by1, b), by1, c), by1, d);
  for (; count >= 16; p += 16, count -= 16) a = fold(a, by1, load(p));
  // From 128 bits to 64, then Barrett's reduction to 32.
  const __m128i low32 = _mm_setr_epi32(~0, 0, ~0, 0);
  __m128i x = _mm_xor_si128(_mm_clmulepi64_si128(a, by1, 0x10), _mm_srli_si128(a, 8));
  x = _mm_xor_si128(
      _mm_clmulepi64_si128(_mm_and_si128(x, low32), _mm_set_epi64x(0, 0x0163cd6124), 0x00),
      _mm_srli_si128(x, 4));
  const __m128i polynomial = _mm_set_epi64x(0x01f7011641, 0x01db710641);
  __m128i y = _mm_clmulepi64_si128(_mm_and_si128(x, low32), polynomial, 0x10);
  y = _mm_clmulepi64_si128(_mm_and_si128(y, low32), polynomial, 0x00);
  return ~(uint32_t)_mm_extract_epi32(_mm_xor_si128(x, y), 1);
}

uint32_t ci_crc32(uint32_t crc, const uint8_t *bytes, size_t count) {
  size_t whole = count / 16 * 16;
  if (whole >= 64 && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1")) {
    crc = crc_of_blocks(crc, bytes, whole);
    bytes += whole;
    count -= whole;
  }
  return crc_of_bytes(crc, bytes, count);
}
#else
uint32_t ci_crc32(uint32_t crc, const uint8_t *bytes, size_t count) {
  return crc_of_bytes(crc, bytes, count);
}
#endif
