#ifndef CK_CONV_KERNELS_H
#define CK_CONV_KERNELS_H

#include <stdint.h>

#include "conv/winograd_kernels.h"
#include "include/conv.h"

/// One tap of a kernel: its place among the packed weights of a channel, and from a position's
/// first source pixel to the tap's, in floats.
typedef struct ck_tap {
  int32_t weight, image;
} ck_tap;

/// Positions of 16 images each that the same taps reach, evenly spaced.
///
/// Weight (channel, tap, row) is weights[channel·weights_step + tap.weight·rows + row]. The first
/// position's pixels are the 16 floats from pixels[channel·channel_step + tap.image] on, those of
/// the next are `pixels_next` further. Row i of the first position's sums is the 16 floats from
/// sums[i·row_step] on, the next position's are `sums_next` further.
///
/// With `bias`, bias[i] is added to row i's sums at the end; with `relu`, negative ones then become
/// 0.
typedef struct ck_tap_positions {
  const ck_tap *taps;
  long tap_count, channels;
  const float *weights, *pixels;
  long weights_step, channel_step, pixels_next;
  float *sums;
  long row_step, sums_next;
  const float *bias;
  int relu;
} ck_tap_positions;

/// The most positions of a tile.
enum { CK_MOST_POSITIONS = 8 };

/// sums = (from_sums ? sums : 0) + Σ over channels, then over taps, of weight · pixel, for `groups`
/// groups of the tile's number of positions.
typedef void (*ck_tap_tile)(const ck_tap_positions *positions, long groups, int from_sums);

/// Where a pixel of x meets a position of dy; both count from their image's beginning.
typedef struct ck_meeting {
  int32_t pixel, position;
} ck_meeting;

/// Images of x and dy that are multiplied. Image n begins at x + n·x_image and dy + n·dy_image.
///
/// Row i of a tile is the float x[pixel·x_step + i], or x[pixel·x_step + x_rows[i]] if `x_rows` is
/// not NULL; its partners are the vectors from dy[position·dy_step] on.
typedef struct ck_meeting_images {
  long count;
  const float *x, *dy;
  const long *x_rows;
  long x_image, x_step, dy_image, dy_step;
} ck_meeting_images;

/// C[rows, 16·vectors] = (from_c ? C : 0) + Σ over images, then over meetings, of x · dy.
typedef void (*ck_meeting_tile)(const ck_meeting_images *images, const ck_meeting *meetings,
                                long count, float *c, long c_step, int from_c);

/// The most taps of a convolution from few channels.
enum { CK_MOST_FEW_TAPS = 32 };

/// A tile of a transposed convolution (kernel 4, stride 2, padding 1) to few channels: `vectors`
/// pairs of rows of the output, 16 pairs of columns. Pixel (row, col) of the images is at
/// pixels[channel·channel_step + row·row_step + col]; row and column 0 are the ones before the
/// first pair's. The weights are [channel][phase][tap][target]; `rows` × `cols` of the output, whose
/// rows are `width` floats apart, are left to write at most.
typedef struct ck_phases {
  const float *pixels, *weights;
  long channels, channel_step, row_step;
  float *to;
  long target_step, width, rows, cols;
} ck_phases;

/// The most vectors of a row of such a tile.
enum { CK_MOST_PHASE_SUMS = 6 };

typedef void (*ck_phases_tile)(const ck_phases *phases);

/// The convolution kernels of one instruction set. All give the same bits.
typedef struct ck_conv_kernels {
  /// Tiles of i rows and 1, 2, 4, 8 positions are at [4·(i − 1)] onwards; NULL where the registers
  /// do not suffice.
  const ck_tap_tile *taps;
  /// Tiles of i rows and v vectors are at [(i − 1)·tile_vectors + v − 1], as in ck_matrix_kernels;
  /// those of `scattered` use `x_rows`.
  const ck_meeting_tile *meetings, *scattered;
  /// Fetches what will be written soon: `count` floats of each of `rows` rows.
  void (*expect)(float *to, long step, long rows, long count);
  /// Copies rows of `width` adjacent floats to rows `to_step` apart, with zeros up to a multiple
  /// of 16.
  void (*copy_rows)(const float *from, long width, long rows, float *to, long to_step);
  /// The same, but even and odd columns go apart, each with zeros up to a multiple of 16.
  void (*split_rows)(const float *from, long width, long rows, float *evens, float *odds,
                     long to_step);
  /// Tiles of t targets and v vectors are at [(t − 1)·CK_MOST_PHASE_SUMS + v − 1], NULL where the
  /// registers do not suffice. Those of t targets exist if the one of 1 vector does.
  const ck_phases_tile *phases;
  ck_winograd_kernels winograd;
} ck_conv_kernels;

extern const ck_conv_kernels ck_conv_portable, ck_conv_avx2, ck_conv_avx512, ck_conv_neon;

/// The kernels of the instruction set in use.
const ck_conv_kernels *ck_conv_current(void);

#endif
