#ifndef CK_CONV_WAYS_H
#define CK_CONV_WAYS_H

#include "conv/planes.h"

// Convolutions image by image, whose lanes are positions, for batches that do not fill a vector.

void ck_conv_forward_positions(ck_pool *pool, const ck_matrix_kernels *kernels,
                               const ck_conv2d *shape, const float *x, const float *w, float *y,
                               int accumulate, const ck_epilogue *epilogue);
void ck_conv_backward_input_positions(ck_pool *pool, const ck_matrix_kernels *kernels,
                                      const ck_conv2d *shape, const float *dy, const float *w,
                                      float *dx, int accumulate, const ck_epilogue *epilogue);

// Convolutions of stride 2 from or to few channels, which do not accumulate: few.c.

int ck_conv_forward_is_few(const ck_conv2d *shape, int accumulate, const ck_epilogue *epilogue);
void ck_conv_forward_few(ck_pool *pool, const ck_conv2d *shape, const float *x, const float *w,
                         float *y, const ck_epilogue *epilogue);
int ck_conv_backward_input_is_few(const ck_conv2d *shape, int accumulate);
void ck_conv_backward_input_few(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                                const float *w, float *dx, const ck_epilogue *epilogue);

void ck_conv_backward_weight(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                             const float *x, float *dw, int accumulate);

/// Cuts a batch of images with rows × cols positions each into tasks: groups of whole images, or
/// bands of rows of single images.
void ck_conv_tasks(ck_pool *pool, long batch, long rows, long cols, long *groups, long *bands);

/// Columns first ..< first + width of a task's product: position `first % positions` of image
/// `first / positions` onwards, in the output y[image, channel, position].
typedef struct ck_columns {
  float *y;
  long positions, image_step, channel_step;
  long first, width;
} ck_columns;

/// Where the columns lie in y, if they are whole vectors of one image; else NULL.
float *ck_columns_direct(const ck_columns *columns);

/// Copies the columns of all channels from or to a tile with rows of CK_PANEL floats.
void ck_columns_load(const ck_columns *columns, long channels, float *tile);
void ck_columns_store(const ck_columns *columns, long channels, const float *tile);

#endif
