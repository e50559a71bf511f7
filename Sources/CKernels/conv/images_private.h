#ifndef CK_CONV_IMAGES_PRIVATE_H
#define CK_CONV_IMAGES_PRIVATE_H

#include "conv/kernels.h"
#include "matrix/kernels.h"
#include "core/scratch.h"

enum {
  IMAGES = 16,
  MOST_TAPS = 256,
  MOST_ROWS = 16,
};

/// The taps that reach coordinate `i` of the output: first_tap, first_tap + tap_step, …; tap number
/// n sees coordinate source + n·source_step of the input.
typedef struct ck_point {
  int32_t first_tap, count, source, class;
} ck_point;

typedef struct ck_axis {
  ck_point *points;
  long tap_step, source_step;
  int32_t classes;
} ck_axis;

typedef struct ck_image_product {
  const ck_matrix_kernels *kernels;
  const ck_conv_kernels *conv;
  const ck_tap_tile *tiles;
  ck_pool *pool;
  long batch, taps, kernel_h, kernel_w;
  long sources, source_h, source_w;  // channels, height and width of the input
  long targets, target_h, target_w;  // of the output
  ck_axis rows, cols;
  const float *from, *w;
  float *w_packed, *to;
  int w_by_source, accumulate;
  ck_epilogue epilogue;
  long bands, channel_block, tile_positions;
} ck_image_product;

/// A task's place: some rows of the output of 16 images (or fewer, at the end of the batch), or a part of
/// their columns, and some of its channels.
typedef struct ck_band {
  long image, images;
  long row, rows, col, cols;
  long low, high, left, right;  // rows and columns of the input that are needed: low ..< high
  long target, targets;         // channels of the output
  float *pixels, *sums;
  long channel_step, sums_step;
} ck_band;

// Taps along an axis: axis.c.

/// The axis of a forward pass, or of a backward pass over the input; `points` has room for
/// `targets`.
ck_axis ck_forward_axis(ck_point *points, long targets, long sources, long kernel, long stride,
                         long pad);
ck_axis ck_backward_axis(ck_point *points, long targets, long sources, long kernel, long stride,
                         long pad);

/// How many taps of an axis have the phase.
static inline long ck_phase_taps(long kernel, long step, long phase) {
  return phase < kernel ? (kernel - phase - 1) / step + 1 : 0;
}

/// Whether the tiles can do all that follows the products.
static inline int ck_ends_in_tile(const ck_image_product *p) {
  return p->epilogue.activation == CK_ACTIVATION_NONE ||
         p->epilogue.activation == CK_ACTIVATION_RELU;
}

// What is transposed on the way in and out: images_pack.c.

/// Among the packed weights, how many taps precede the phase's.
long ck_taps_before(const ck_image_product *p, long row_phase, long col_phase);

/// A task that packs one tile of the weights: [tile][phase of taps][source channel][tap of the
/// phase][row], where a row is a target channel. Tap k of an axis is number k / tap_step of phase
/// k mod tap_step.
void ck_pack_weights(void *product, long tile, int worker);

/// Transposes channels `channel ..< channel+channels` of the band's images.
void ck_load_pixels(const ck_image_product *p, const ck_band *b, long channel, long channels);

/// Transposes the band's rows of its channels of the output to the sums, or back after the epilogue.
void ck_load_sums(const ck_image_product *p, const ck_band *b);
void ck_store_sums(const ck_image_product *p, const ck_band *b);

#endif
