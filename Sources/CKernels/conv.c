#include "include/matrix.h"

#include <string.h>

#include "conv_images.h"
#include "conv_kernels.h"
#include "conv_private.h"
#include "conv_winograd.h"
#include "include/isa.h"
#include "include/precision.h"

void ck_conv_tasks(ck_pool *pool, long batch, long rows, long cols, long *groups, long *bands) {
  enum { COLUMNS = 256, BAND = 1024 };
  long area = rows * cols;
  *groups = ck_max(1, ck_min(batch, batch * area / COLUMNS));
  *bands = ck_max(1, ck_min(rows, area / BAND));
  long wanted = 4 * ck_pool_threads(pool);
  if (ck_pool_threads(pool) == 1 || *groups * *bands >= wanted) return;
  *groups = ck_max(1, ck_min(batch, batch * area / CK_PANEL));
  if (*groups < wanted && *groups == batch)
    *bands = ck_max(*bands, ck_min(rows, ck_min(ck_ceil_div(wanted, batch), area / CK_PANEL)));
}

float *ck_columns_direct(const ck_columns *c) {
  long position = c->first % c->positions;
  if (c->width % 16 || position + c->width > c->positions) return NULL;
  return c->y + c->first / c->positions * c->image_step + position;
}

void ck_columns_load(const ck_columns *c, long channels, float *tile) {
  memset(tile, 0, (size_t)(channels * CK_PANEL) * sizeof(float));
  for (long done = 0; done < c->width;) {
    long position = (c->first + done) % c->positions;
    long length = ck_min(c->positions - position, c->width - done);
    const float *y = c->y + (c->first + done) / c->positions * c->image_step + position;
    for (long i = 0; i < channels; i++)
      memcpy(tile + i * CK_PANEL + done, y + i * c->channel_step, (size_t)length * sizeof(float));
    done += length;
  }
}

void ck_columns_store(const ck_columns *c, long channels, const float *tile) {
  for (long done = 0; done < c->width;) {
    long position = (c->first + done) % c->positions;
    long length = ck_min(c->positions - position, c->width - done);
    float *y = c->y + (c->first + done) / c->positions * c->image_step + position;
    for (long i = 0; i < channels; i++)
      memcpy(y + i * c->channel_step, tile + i * CK_PANEL + done, (size_t)length * sizeof(float));
    done += length;
  }
}

const ck_conv_kernels *ck_conv_current(void) {
  switch (ck_isa_current()) {
#if defined(__x86_64__)
  case CK_ISA_AVX512:
    return &ck_conv_avx512;
  case CK_ISA_AVX2:
    return &ck_conv_avx2;
#endif
#if defined(__aarch64__)
  case CK_ISA_NEON:
    return &ck_conv_neon;
#endif
  default:
    return &ck_conv_portable;
  }
}

/// How many images fill vectors. In bf16 all take the other way, which has products.
static long images(const ck_pool *pool, const ck_conv2d *shape) {
  return ck_pool_precision(pool) == CK_BF16 ? 0 : ck_conv_images(shape);
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
  part.batch = images(pool, shape);
  ck_conv_forward_images(pool, &part, x, w, y, accumulate, epilogue);
  x += part.batch * shape->in_channels * shape->in_h * shape->in_w;
  y += part.batch * shape->out_channels * shape->out_h * shape->out_w;
  part.batch = shape->batch - part.batch;
  ck_conv_forward_positions(pool, &part, x, w, y, accumulate, epilogue);
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
  part.batch = images(pool, shape);
  ck_conv_backward_input_images(pool, &part, dy, w, dx, accumulate, epilogue);
  dx += part.batch * shape->in_channels * shape->in_h * shape->in_w;
  dy += part.batch * shape->out_channels * shape->out_h * shape->out_w;
  part.batch = shape->batch - part.batch;
  ck_conv_backward_input_positions(pool, &part, dy, w, dx, accumulate, epilogue);
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
