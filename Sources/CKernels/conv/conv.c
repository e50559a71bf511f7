// Convolutions: see conv.h. This file chooses the way, the others of the folder are the ways.
#include "include/conv.h"

#include <stddef.h>

#include "conv/images.h"
#include "conv/ways.h"
#include "conv/winograd.h"
#include "matrix/kernels.h"

/// The kernels of the images that fill no vectors: bf16's only where no image of the layer does, for lanes of
/// images are float32 and as fast (precision.h).
static const ck_matrix_kernels *kernels_for(const ck_pool *pool, const ck_conv2d *shape) {
  return ck_conv_images(shape) > 0 ? ck_matrix_current() : ck_matrix_of(pool);
}

// The three convolutions that the six public functions are made of. The images that fill vectors
// go one way, the rest another; how many depends on the shape only. Few channels go a third way.
// These compute the same chains. Many channels go a fourth way, whose products are fewer.

static void forward(ck_pool *pool, const ck_conv2d *shape, const float *x, const float *w,
                    float *y, int accumulate, const ck_epilogue *epilogue) {
  if (ck_conv_forward_is_few(shape, accumulate, epilogue)) {
    ck_conv_forward_few(pool, shape, x, w, y, epilogue);
    return;
  }
  if (!accumulate && ck_winograd_suits(shape)) {
    ck_winograd_forward(pool, shape, x, w, y, epilogue);
    return;
  }
  ck_conv2d part = *shape;
  part.batch = ck_conv_images(shape);
  ck_conv_forward_images(pool, &part, x, w, y, accumulate, epilogue);
  x += part.batch * shape->in_channels * shape->in_h * shape->in_w;
  y += part.batch * shape->out_channels * shape->out_h * shape->out_w;
  part.batch = shape->batch - part.batch;
  ck_conv_forward_positions(pool, kernels_for(pool, shape), &part, x, w, y, accumulate, epilogue);
}

static void backward_input(ck_pool *pool, const ck_conv2d *shape, const float *dy, const float *w,
                           float *dx, int accumulate, const ck_epilogue *epilogue) {
  if (ck_conv_backward_input_is_few(shape, accumulate)) {
    ck_conv_backward_input_few(pool, shape, dy, w, dx, epilogue);
    return;
  }
  if (!accumulate && ck_winograd_suits(shape)) {
    ck_winograd_backward_input(pool, shape, dy, w, dx, epilogue);
    return;
  }
  ck_conv2d part = *shape;
  part.batch = ck_conv_images(shape);
  ck_conv_backward_input_images(pool, &part, dy, w, dx, accumulate, epilogue);
  dx += part.batch * shape->in_channels * shape->in_h * shape->in_w;
  dy += part.batch * shape->out_channels * shape->out_h * shape->out_w;
  part.batch = shape->batch - part.batch;
  ck_conv_backward_input_positions(pool, kernels_for(pool, shape), &part, dy, w, dx, accumulate,
                                   epilogue);
}

static void backward_weight(ck_pool *pool, const ck_conv2d *shape, const float *dy, const float *x,
                            float *dw, int accumulate) {
  if (!accumulate && ck_winograd_suits_weight(shape))
    ck_winograd_backward_weight(pool, shape, dy, x, dw);
  else
    ck_conv_backward_weight(pool, shape, dy, x, dw, accumulate);
}

void ck_conv2d_forward(ck_pool *pool, const ck_conv2d *shape, const float *x, const float *w,
                       float *y, int accumulate, const ck_epilogue *epilogue) {
  forward(pool, shape, x, w, y, accumulate, epilogue);
}

void ck_conv2d_backward_input(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                              const float *w, float *dx, int accumulate) {
  backward_input(pool, shape, dy, w, dx, accumulate, NULL);
}

void ck_conv2d_backward_weight(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                               const float *x, float *dw, int accumulate) {
  backward_weight(pool, shape, dy, x, dw, accumulate);
}

/// The plain convolution from a transposed one's output to its input.
static ck_conv2d reversed(const ck_conv2d *s) {
  ck_conv2d r = *s;
  r.in_channels = s->out_channels, r.in_h = s->out_h, r.in_w = s->out_w;
  r.out_channels = s->in_channels, r.out_h = s->in_h, r.out_w = s->in_w;
  return r;
}

void ck_conv_transpose2d_forward(ck_pool *pool, const ck_conv2d *shape, const float *x,
                                 const float *w, float *y, int accumulate,
                                 const ck_epilogue *epilogue) {
  ck_conv2d plain = reversed(shape);
  backward_input(pool, &plain, x, w, y, accumulate, epilogue);
}

void ck_conv_transpose2d_backward_input(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                                        const float *w, float *dx, int accumulate) {
  ck_conv2d plain = reversed(shape);
  forward(pool, &plain, dy, w, dx, accumulate, NULL);
}

void ck_conv_transpose2d_backward_weight(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                                         const float *x, float *dw, int accumulate) {
  ck_conv2d plain = reversed(shape);
  backward_weight(pool, &plain, x, dy, dw, accumulate);
}
