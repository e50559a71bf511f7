// Sums along an axis: see vector_axis.h.
#include "include/vector_axis.h"

#include "vector/kernels.h"

static void run(ck_pool *pool, ck_kernel_number kernel, long outer, const ck_axis_args *args,
                int is_heavy) {
  long size = args->length * (args->inner < 16 ? args->inner : 16);
  long units = outer * ((args->inner + 15) / 16);
  ck_vector_run(pool, kernel, args, units, is_heavy ? ck_heavy_grain(size) : ck_light_grain(size));
}

void ck_log_sum_exp_axis(ck_pool *pool, long outer, long length, long inner, const float *x,
                         float *y) {
  ck_axis_args args = {.length = length, .inner = inner, .x = x, .out = {y, 0}};
  run(pool, CK_KERNEL_log_sum_exp_axis, outer, &args, 1);
}

void ck_log_sum_exp_axis_backward(ck_pool *pool, long outer, long length, long inner,
                                  const float *x, const float *y, const float *g,
                                  ck_gradient dx) {
  ck_axis_args args = {.length = length, .inner = inner, .x = x, .y = y, .g = g, .out = dx};
  run(pool, CK_KERNEL_log_sum_exp_axis_backward, outer, &args, 1);
}

void ck_log_softmax_axis(ck_pool *pool, long outer, long length, long inner, const float *x,
                         float *y) {
  ck_axis_args args = {.length = length, .inner = inner, .x = x, .out = {y, 0}};
  run(pool, CK_KERNEL_log_softmax_axis, outer, &args, 1);
}

void ck_log_softmax_axis_backward(ck_pool *pool, long outer, long length, long inner,
                                  const float *y, const float *dy, ck_gradient dx) {
  ck_axis_args args = {.length = length, .inner = inner, .y = y, .g = dy, .out = dx};
  run(pool, CK_KERNEL_log_softmax_axis_backward, outer, &args, 1);
}

void ck_sum_axis(ck_pool *pool, long outer, long length, long inner, const float *x, float *y) {
  ck_axis_args args = {.length = length, .inner = inner, .x = x, .out = {y, 0}};
  run(pool, CK_KERNEL_sum_axis, outer, &args, 0);
}

void ck_sum_axis_backward(ck_pool *pool, long outer, long length, long inner, const float *g,
                          ck_gradient dx) {
  ck_axis_args args = {.length = length, .inner = inner, .g = g, .out = dx};
  run(pool, CK_KERNEL_sum_axis_backward, outer, &args, 0);
}
