#ifndef CK_CONV_WINOGRAD_H
#define CK_CONV_WINOGRAD_H

#include "include/conv.h"

// Convolutions from and to many channels with fewer products: with kernel 4, stride 2 and padding 1 9 where
// there were 16, with kernel 3, stride 1 and padding 1 16 where there were 36.
//
// Kernel 4: rows and columns of the larger images fall into four phases by parity, and between the images of
// one phase and the smaller images lies a convolution of stride 1 with a 2×2 part of the kernel.
// Along an axis, two neighbouring outputs of taps (g0, g1) over the pixels (d0, d1, d2) take three
// products:
//
//     m0 = (d0 − d1)·g0    m1 = d1·(g0 + g1)    m2 = (d1 − d2)·g1
//     y0 = m0 + m1         y1 = m1 − m2
//
// and 2×2 outputs nine. Kernel 3: two neighbouring outputs of (g0, g1, g2) over (d0, d1, d2, d3) take four,
//
//     m0 = (d0 − d2)·g0    m1 = (d1 + d2)·(g0 + g1 + g2)/2    m2 = (d2 − d1)·(g0 − g1 + g2)/2
//     m3 = (d1 − d3)·g2    y0 = m0 + m1 + m2                  y1 = m1 − m2 − m3
//
// and 2×2 outputs sixteen. The weight's gradient is the transpose of this in the weights. Sums, differences and
// halves are all there is besides, so the rounding stays close to that of a plain convolution.
//
// Source: Winograd, "Arithmetic Complexity of Computations", SIAM 1980; Lavin and Gray, "Fast
// Algorithms for Convolutional Neural Networks", CVPR 2016, section 4.

/// Whether the functions below take the convolution: the shape decides, all of the batch goes.
int ck_winograd_suits(const ck_conv2d *shape);

/// The same for the gradient of the weights.
int ck_winograd_suits_weight(const ck_conv2d *shape);

void ck_winograd_forward(ck_pool *pool, const ck_conv2d *shape, const float *x, const float *w,
                         float *y, const ck_epilogue *epilogue);
void ck_winograd_backward_input(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                                const float *w, float *dx, const ck_epilogue *epilogue);
void ck_winograd_backward_weight(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                                 const float *x, float *dw);

#endif
