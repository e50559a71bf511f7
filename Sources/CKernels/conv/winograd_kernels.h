#ifndef CK_CONV_WINOGRAD_KERNELS_H
#define CK_CONV_WINOGRAD_KERNELS_H

#include <stdint.h>

// The sums and differences before and after the products: see winograd.h. Everything is a
// vector of 16 lanes (images or channels), and a tile is 2×2 positions of the smaller images, or
// fewer at their lower and right ends: with kernel 4, of a lone row or column the first and third products
// are taken, of the pixels themselves.

/// The pixels around a tile: row i, column j is the vector at rows[i] + cols[j], 0 where the row is
/// NULL or the column negative.
typedef struct ck_window {
  const float *rows[6];
  int32_t cols[6];
  int inside;  ///< none of them is 0
  int lone_row, lone_col;
} ck_window;

/// What the products of a row tile and one or two tiles become.
typedef struct ck_outputs {
  const float *products;  ///< [places][rows][32]
  long place_step, rows;
  int vectors;  ///< tiles
  int lone_row, lone_col;
  float *to;  ///< row i, tile v: to[i·row_step + tile[v]] is its first position
  long row_step, tile[2];
  long down, right;  ///< to the position below and to the right
  const float *bias;
  int relu;
} ck_outputs;

typedef struct ck_winograd_kernels {
  /// The 6×6 pixels of the larger images that a tile sees, as [9 places][4 phases]: place p of
  /// phase q goes to to[p·place_step + q·phase_step].
  void (*down)(const ck_window *window, float *to, long place_step, long phase_step);
  /// The 4×4 pixels of the smaller images that a tile of all four phases sees, as 5×5 places, of
  /// which place (i, j) of phase (a, b) is number (2a + i, 2b + j).
  void (*up)(const ck_window *window, float *to, long place_step);
  /// Taps [4][4][16 rows] as [9 places][4 phases][rows]: place p of phase q goes to
  /// to[p·place_step + q·phase_step]. `flipped`: for `up`.
  void (*weights)(const float *taps, int flipped, int rows, float *to, long place_step,
                  long phase_step);
  void (*outputs)(const ck_outputs *outputs);
  /// The transpose of `outputs`: the 2×2 vectors at from, from + right, from + down, … as 9 places.
  void (*gradients)(const float *from, long down, long right, int lone_row, int lone_col,
                    float *to, long place_step);
  /// The transpose of `weights`: taps [4][4][16 lanes] of the sums of `chunks` chunks, in which
  /// place p of phase q is at sums[(4·p + q)·step].
  void (*taps)(const float *sums, long step, long chunks, long chunk_step, float *taps);
  // The same for kernel 3 and stride 1, whose tiles see 4×4 pixels at 16 places. Of a lone row or column only
  // the outputs, and the gradients, that are there are written and read.
  void (*same)(const ck_window *window, float *to, long place_step);
  /// Taps [3][3][16 rows]; `flipped`: for the gradient of the input.
  void (*same_weights)(const float *taps, int flipped, int rows, float *to, long place_step);
  void (*same_outputs)(const ck_outputs *outputs);
  void (*same_gradients)(const float *from, long down, long right, int lone_row, int lone_col,
                         float *to, long place_step);
  void (*same_taps)(const float *sums, long step, long chunks, long chunk_step, float *taps);
} ck_winograd_kernels;

#endif
