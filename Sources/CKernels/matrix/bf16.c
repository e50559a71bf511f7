// Numbers rounded to bfloat16 and multiplied, for AVX-512 BF16: see CK_BF16 in precision.h.
#include "matrix/bf16.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(                                                         \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma"))),     \
    apply_to = function)
#define CK_INLINE static inline __attribute__((always_inline))

enum {
  DEPTH = CK_BF16_DEPTH,
  PAIRS = CK_BF16_PAIRS,
  MOST_ROWS = CK_BF16_ROWS,
  MOST_VECTORS = CK_BF16_VECTORS,
};

/// Some rows of the left operand in pairs, [row][pair] or [pair][16 rows], and a panel of the right
/// one, [pair][lane].
typedef struct pieces {
  _Alignas(64) int32_t left[16 * PAIRS];
  _Alignas(64) int32_t right[PAIRS * MOST_VECTORS * 16];
} pieces;

/// Lanes of one row of floats with those of the next: the first in the low halves.
CK_INLINE __m512i pair_rows(__m512 first, __m512 next) {
  const __m512i order = _mm512_set_epi16(
      31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19,
      3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(next, first));
}

void ck_bf16_pair_rows(const float *from, long from_step, long depth, long width, int32_t *to,
                          long to_step) {
  __mmask16 lanes = (__mmask16)((1u << width) - 1);
  for (; depth >= 2; depth -= 2, from += 2 * from_step, to += to_step)
    _mm512_storeu_si512(to, pair_rows(_mm512_maskz_loadu_ps(lanes, from),
                                      _mm512_maskz_loadu_ps(lanes, from + from_step)));
  if (depth)
    _mm512_storeu_si512(to, pair_rows(_mm512_maskz_loadu_ps(lanes, from), _mm512_setzero_ps()));
}

void ck_bf16_pair_row(const float *from, long depth, int32_t *to) {
  for (; depth > 0; depth -= 32, from += 32, to += 16) {
    long low = ck_min(depth, 16), high = ck_max(0, ck_min(depth - 16, 16));
    __m512 first = _mm512_maskz_loadu_ps((__mmask16)((1u << low) - 1), from);
    __m512 next = _mm512_maskz_loadu_ps((__mmask16)((1u << high) - 1), from + 16);
    _mm512_storeu_si512(to, (__m512i)_mm512_cvtne2ps_pbh(next, first));
  }
}

/// One tile held in registers.
CK_INLINE void tile(const int rows, const int vectors, const int by_row, long pairs,
                    const int32_t *left, long left_step, const int32_t *right, float *c,
                    long c_step, int from_c) {
  __m512 sum[rows][vectors];
#pragma unroll
  for (int i = 0; i < rows; i++)
#pragma unroll
    for (int v = 0; v < vectors; v++)
      sum[i][v] = from_c ? _mm512_loadu_ps(c + i * c_step + 16 * v) : _mm512_setzero_ps();
  for (long p = 0; p < pairs; p++, right += 16 * vectors, left += by_row ? 1 : left_step) {
    __m512bh b[vectors];
#pragma unroll
    for (int v = 0; v < vectors; v++) b[v] = (__m512bh)_mm512_load_si512(right + 16 * v);
#pragma unroll
    for (int i = 0; i < rows; i++) {
      CK_KEEP_ORDER;
      __m512bh a = (__m512bh)_mm512_set1_epi32(left[by_row ? i * PAIRS : i]);
#pragma unroll
      for (int v = 0; v < vectors; v++) sum[i][v] = _mm512_dpbf16_ps(sum[i][v], a, b[v]);
    }
  }
#pragma unroll
  for (int i = 0; i < rows; i++)
#pragma unroll
    for (int v = 0; v < vectors; v++) _mm512_storeu_ps(c + i * c_step + 16 * v, sum[i][v]);
}

#define TILE(name, rows, vectors, by_row)                                                \
  static void name##_##rows##_##vectors(long pairs, const int32_t *left, long left_step,  \
                                        const int32_t *right, float *c, long c_step,      \
                                        int from_c) {                                     \
    tile(rows, vectors, by_row, pairs, left, left_step, right, c, c_step, from_c);        \
  }
#define TILES(r) \
  TILE(row, r, 1, 1) TILE(row, r, 2, 1) TILE(depth, r, 1, 0) TILE(depth, r, 2, 0)
#define WIDE_TILES(r) TILES(r) TILE(row, r, 3, 1) TILE(depth, r, 3, 0)
WIDE_TILES(1) WIDE_TILES(2) WIDE_TILES(3) WIDE_TILES(4) WIDE_TILES(5) WIDE_TILES(6) WIDE_TILES(7)
WIDE_TILES(8) WIDE_TILES(9) TILES(10) TILES(11) TILES(12) TILES(13) TILES(14)
#define EACH(name, v)                                                                        \
  name##_1_##v, name##_2_##v, name##_3_##v, name##_4_##v, name##_5_##v, name##_6_##v,         \
      name##_7_##v, name##_8_##v, name##_9_##v
#define TALLER(name, v) \
  name##_10_##v, name##_11_##v, name##_12_##v, name##_13_##v, name##_14_##v
const ck_bf16_tile ck_bf16_by_row[MOST_VECTORS][MOST_ROWS] = {
    {EACH(row, 1), TALLER(row, 1)}, {EACH(row, 2), TALLER(row, 2)}, {EACH(row, 3)}};
const ck_bf16_tile ck_bf16_by_depth[MOST_VECTORS][MOST_ROWS] = {
    {EACH(depth, 1), TALLER(depth, 1)}, {EACH(depth, 2), TALLER(depth, 2)}, {EACH(depth, 3)}};

/// The rows of one tile: first ..< first + height of a whole matrix A, links k ..< k + depth.
static void pair_left(ck_left a, long first, long height, long k, long depth, int32_t *left) {
  if (a.layout == CK_BY_ROW)
    for (long i = 0; i < height; i++)
      ck_bf16_pair_row(a.data + (first + i) * a.step + k, depth, left + i * PAIRS);
  else if (a.layout == CK_BY_DEPTH)
    ck_bf16_pair_rows(a.data + k * a.step + first, a.step, depth, height, left, 16);
  else
    ck_bf16_pair_rows(a.data + first * a.step + k * height, height, depth, height, left, 16);
}

void ck_multiply_bf16(ck_left a, long row, long k, long rows, int vectors, long depth,
                      const float *b, long b_step, float *c, long c_step, int from_c) {
  pieces p;
  // A tiled A is cut into the tiles of ck_tiles.
  long tiles = ck_ceil_div(rows, ck_bf16_rows(vectors));
  const ck_bf16_tile *family =
      (a.layout == CK_BY_ROW ? ck_bf16_by_row : ck_bf16_by_depth)[vectors - 1];
  for (long d = 0; d == 0 || d < depth; d += DEPTH, from_c = 1) {
    long part = ck_min(DEPTH, depth - d);
    for (int v = 0; v < vectors; v++)
      ck_bf16_pair_rows(b + d * b_step + 16 * v, b_step, part, 16, p.right + 16 * v, 16 * vectors);
    for (long t = 0; t < tiles; t++) {
      long first = ck_part(rows, tiles, t), height = ck_part(rows, tiles, t + 1) - first;
      pair_left(a, row + first, height, k + d, part, p.left);
      family[height - 1]((part + 1) / 2, p.left, 16, p.right, c + first * c_step, c_step, from_c);
    }
  }
}
#pragma clang attribute pop
#endif
