// The tiles of convolutions with few channels at one end; included by conv_kernels.inc.

/// copy_rows and split_rows of ck_conv_kernels.
static void copy_rows(const float *from, long width, long rows, float *to, long to_step) {
  for (long r = 0; r < rows; r++, from += width, to += to_step)
    for (long i = 0; i < width; i += 16)
      store16(to + i, load_part16(from + i, (int)ck_min(16, width - i)));
}

#define CK_EVENS 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define CK_ODDS 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#define CK_FIRST_PAIRS 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define CK_LAST_PAIRS 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31

static void split_rows(const float *from, long width, long rows, float *evens, float *odds,
                       long to_step) {
  for (long r = 0; r < rows; r++, from += width, evens += to_step, odds += to_step)
    for (long i = 0; i < width; i += 32) {
      f16v low = load_part16(from + i, (int)ck_min(16, width - i));
      f16v high = width - i > 16 ? load_part16(from + i + 16, (int)ck_min(16, width - i - 16))
                                 : splat16(0);
      store16(evens + i / 2, __builtin_shufflevector(low, high, CK_EVENS));
      store16(odds + i / 2, __builtin_shufflevector(low, high, CK_ODDS));
    }
}

/// A pixel of the output belongs to one of four phases, (row mod 2, column mod 2), and sees 2×2
/// pixels of the 3×3 around: an odd row sees rows 2 and 1 (by kernel rows 0 and 2), an even one rows
/// 1 and 0 (by kernel rows 1 and 3). Each of the 3×3 is loaded once for all its phases, the last
/// first, so that every phase meets its taps in ascending order.
CK_INLINE void phases_tile(const int targets, const int vectors, const ck_phases *p) {
  f16v sum[4][CK_MOST_PHASE_SUMS];
  const float *pixels = p->pixels, *weights = p->weights;
  long row_step = p->row_step;
#pragma unroll
  for (int s = 0; s < 4; s++)
#pragma unroll
    for (int v = 0; v < targets * vectors; v++) sum[s][v] = splat16(0);
  for (long channel = 0; channel < p->channels; channel++) {
#pragma unroll
    for (int row = 2; row >= 0; row--)
#pragma unroll
      for (int col = 2; col >= 0; col--) {
        f16v right[CK_MOST_PHASE_SUMS];
        CK_KEEP_ORDER;
#pragma unroll
        for (int v = 0; v < vectors; v++) right[v] = load16(pixels + (row + v) * row_step + col);
#pragma unroll
        for (int phase = 0; phase < 4; phase++) {
          // Of the phase's taps, packed in the order of kernel rows and columns.
          const int i = 1 + phase / 2 - row, j = 1 + phase % 2 - col;
          if (i < 0 || i > 1 || j < 0 || j > 1) continue;
#pragma unroll
          for (int t = 0; t < targets; t++) {
            CK_KEEP_ORDER;
            f16v left = splat16(weights[(phase * 4 + i * 2 + j) * targets + t]);
#pragma unroll
            for (int v = 0; v < vectors; v++)
              sum[phase][t * vectors + v] = fma16(left, right[v], sum[phase][t * vectors + v]);
          }
        }
      }
    weights += 16 * targets;
    pixels += p->channel_step;
  }
#pragma unroll
  for (int t = 0; t < targets; t++)
#pragma unroll
    for (int v = 0; v < vectors; v++)
#pragma unroll
      for (int a = 0; a < 2; a++) {
        if (2 * v + a >= p->rows) continue;
        float *to = p->to + t * p->target_step + (2 * v + a) * p->width;
        f16v even = sum[2 * a][t * vectors + v], odd = sum[2 * a + 1][t * vectors + v];
        store_part16(to, __builtin_shufflevector(even, odd, CK_FIRST_PAIRS),
                     (int)ck_min(16, p->cols));
        if (p->cols > 16)
          store_part16(to + 16, __builtin_shufflevector(even, odd, CK_LAST_PAIRS),
                       (int)ck_min(16, p->cols - 16));
      }
}

#define CK_PHASES_TILE(targets, vectors)                             \
  static void phases_##targets##_##vectors(const ck_phases *phases) { \
    phases_tile(targets, vectors, phases);                           \
  }
CK_PHASES_TILES(CK_PHASES_TILE)

#define CK_PHASES_NAME(targets, vectors) \
  [(targets - 1) * CK_MOST_PHASE_SUMS + vectors - 1] = phases_##targets##_##vectors,
static const ck_phases_tile phases_tiles[3 * CK_MOST_PHASE_SUMS] = {
    CK_PHASES_TILES(CK_PHASES_NAME)};
