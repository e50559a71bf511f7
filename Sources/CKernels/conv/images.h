#ifndef CK_CONV_IMAGES_H
#define CK_CONV_IMAGES_H

#include "include/conv.h"

/// How many of the batch's first images `ck_conv_…_images` take: whole groups of 16, and the last
/// group too if it is at least half full.
long ck_conv_images(const ck_conv2d *shape);

void ck_conv_forward_images(ck_pool *pool, const ck_conv2d *shape, const float *x, const float *w,
                            float *y, int accumulate, const ck_epilogue *epilogue);
void ck_conv_backward_input_images(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                                   const float *w, float *dx, int accumulate,
                                   const ck_epilogue *epilogue);

#endif
