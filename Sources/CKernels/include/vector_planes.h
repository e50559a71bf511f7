#ifndef CK_VECTOR_PLANES_H
#define CK_VECTOR_PLANES_H

#include "pool.h"
#include "vector_gradient.h"

/// Square windows of kernel·kernel pixels, `stride` apart, over x[planes, height, width] with `padding`
/// rows and columns around it that count for nothing: y[planes, out_height, out_width] with
/// out_height = (height + 2·padding − kernel) / stride + 1, rounded down. 2·padding <= kernel, so that
/// no window is empty.
typedef struct ck_pool2d {
  long planes, height, width, out_height, out_width, kernel, stride, padding;
} ck_pool2d;

/// The mean of the pixels in each window, padding not counted.
void ck_average_pool(ck_pool *pool, ck_pool2d sizes, const float *x, float *y);
void ck_average_pool_backward(ck_pool *pool, ck_pool2d sizes, const float *dy, ck_gradient dx);

/// The largest pixel in each window; NaN where one is NaN.
void ck_max_pool(ck_pool *pool, ck_pool2d sizes, const float *x, float *y);

/// The gradient goes to the largest pixel, of several to the first in the order of rows.
void ck_max_pool_backward(ck_pool *pool, ck_pool2d sizes, const float *x, const float *dy,
                          ck_gradient dx);

/// y[images, channels, height·r, width·r] from x[images, channels·r², height, width]: pixel
/// (h·r + i, w·r + j) of channel c is pixel (h, w) of channel c·r² + i·r + j, as in PyTorch.
/// Source: Shi et al., "Real-time single image and video super-resolution", CVPR 2016.
void ck_pixel_shuffle(ck_pool *pool, long images, long channels, long height, long width, long r,
                      const float *x, ck_gradient y);

/// The inverse: from x[images, channels, height·r, width·r] to y[images, channels·r², height, width].
void ck_pixel_unshuffle(ck_pool *pool, long images, long channels, long height, long width, long r,
                        const float *x, ck_gradient y);

#endif
