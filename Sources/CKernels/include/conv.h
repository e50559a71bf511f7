#ifndef CK_CONV_H
#define CK_CONV_H

#include "matrix.h"

// Convolutions in float32. What matrix.h says of products goes for them too, but for those with a 4×4
// kernel, stride 2 and padding 1 between many channels: they are sums of chains over sums and
// differences of pixels and weights (conv/winograd.h), if they do not accumulate; the rounding errors
// are as small.

/// The sizes of a convolution, plain or transposed, of dilation 1. Images are [batch, channels,
/// height, width], contiguous. `pad` is added on both sides.
///
/// Plain: out = (in + 2·pad − kernel) / stride + 1, rounded down.
/// Transposed: out = (in − 1)·stride − 2·pad + kernel + output_padding, output_padding < stride.
/// The caller computes `out_h` and `out_w`, and so chooses the output padding.
typedef struct ck_conv2d {
  long batch;
  long in_channels, in_h, in_w;
  long out_channels, out_h, out_w;
  long kernel_h, kernel_w;
  long stride_h, stride_w;
  long pad_h, pad_w;
} ck_conv2d;

/// y[batch, out_channels, out_h, out_w] from x[batch, in_channels, in_h, in_w] and
/// w[out_channels, in_channels, kernel_h, kernel_w]. Order: (in_channel, kernel_h, kernel_w)
/// ascending, padding included as zeros.
void ck_conv2d_forward(ck_pool *pool, const ck_conv2d *shape, const float *x, const float *w,
                       float *y, int accumulate, const ck_epilogue *epilogue);

/// dx from dy and w. Order: (out_channel, kernel_h, kernel_w) ascending over the kernel taps whose
/// stride phase meets the pixel; taps that fall outside dy count as zeros.
void ck_conv2d_backward_input(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                              const float *w, float *dx, int accumulate);

/// dw from dy and x. Order: (image, out_h, out_w) ascending within a chunk of images; the chunks'
/// sums are added in ascending order. The size of a chunk depends on the shape only.
void ck_conv2d_backward_weight(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                               const float *x, float *dw, int accumulate);

/// The transposed convolution: y[batch, out_channels, out_h, out_w] from x and
/// w[in_channels, out_channels, kernel_h, kernel_w]. Order as ck_conv2d_backward_input, over
/// (in_channel, kernel_h, kernel_w).
void ck_conv_transpose2d_forward(ck_pool *pool, const ck_conv2d *shape, const float *x,
                                 const float *w, float *y, int accumulate,
                                 const ck_epilogue *epilogue);

/// dx from dy and w. Order as ck_conv2d_forward, over (out_channel, kernel_h, kernel_w).
void ck_conv_transpose2d_backward_input(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                                        const float *w, float *dx, int accumulate);

/// dw from dy and x. Order as ck_conv2d_backward_weight, over (image, in_h, in_w).
void ck_conv_transpose2d_backward_weight(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                                         const float *x, float *dw, int accumulate);

#endif
