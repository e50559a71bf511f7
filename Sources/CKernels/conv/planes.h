#ifndef CK_CONV_PLANES_H
#define CK_CONV_PLANES_H

#include "include/conv.h"
#include "matrix/kernels.h"
#include "core/scratch.h"

// Convolutions as matrix products whose right matrix is packed panel by panel straight from padded
// copies of a few images.

enum { CK_PANEL = 32, CK_DEPTH = 256 };

/// Padded copies of images. A row holds `stride` segments: segment s has the padded columns
/// s, s + stride, s + 2·stride, …, so that what a strided kernel reads is contiguous.
typedef struct ck_planes {
  long channels, height, width;  ///< of the images
  long first_row, rows;          ///< the image row (negative: padding) of the copies' row 0
  long first_col, cols;          ///< the same for columns
  long stride, segment;          ///< segments of a row, floats of a segment
  long row_step, channel_step, image_step;
} ck_planes;

ck_planes ck_planes_make(long channels, long height, long width, long first_row, long rows,
                         long first_col, long cols, long stride);

/// Copies channels `channel ..< channel + planes->channels` of `images` images, which have
/// `all_channels` channels, to `to`.
void ck_planes_fill(const ck_planes *planes, const float *from, long images, long all_channels,
                    long channel, float *to);

/// Floats to reserve for `images` images: what `gather` reads beyond the end included.
static inline long ck_planes_floats(const ck_planes *planes, long images) {
  return images * planes->image_step + 16;
}

/// The columns of a product that a task computes: images × rows × cols positions, in this order.
typedef struct ck_positions {
  long images, rows, cols;
  long image_step, row_step;  ///< in the planes; columns are adjacent
} ck_positions;

/// Cuts positions `first ..< first + width` into runs. Returns their number (at most CK_PANEL).
long ck_positions_runs(const ck_positions *positions, long first, long width, ck_run *runs,
                       long *longest);

#endif
