// Pooling and the rearrangement of pixels: see vector_planes.h.
#include "include/vector_planes.h"

#include "vector/kernels.h"

static void run_rows(ck_pool *pool, ck_kernel_number kernel, const ck_plane_args *args, long rows,
                     long width) {
  long size = width * args->sizes.kernel * args->sizes.kernel;
  ck_vector_run(pool, kernel, args, args->sizes.planes * rows, ck_heavy_grain(size));
}

void ck_average_pool(ck_pool *pool, ck_pool2d sizes, const float *x, float *y) {
  ck_plane_args args = {.sizes = sizes, .x = x, .out = {y, 0}};
  run_rows(pool, CK_KERNEL_average_pool, &args, sizes.out_height, sizes.out_width);
}

void ck_average_pool_backward(ck_pool *pool, ck_pool2d sizes, const float *dy, ck_gradient dx) {
  if (!dx.to) return;
  ck_plane_args args = {.sizes = sizes, .dy = dy, .out = dx};
  run_rows(pool, CK_KERNEL_average_pool_backward, &args, sizes.height, sizes.width);
}

void ck_max_pool(ck_pool *pool, ck_pool2d sizes, const float *x, float *y) {
  ck_plane_args args = {.sizes = sizes, .x = x, .out = {y, 0}};
  run_rows(pool, CK_KERNEL_max_pool, &args, sizes.out_height, sizes.out_width);
}

void ck_max_pool_backward(ck_pool *pool, ck_pool2d sizes, const float *x, const float *dy,
                          ck_gradient dx) {
  if (!dx.to) return;
  ck_plane_args args = {.sizes = sizes, .x = x, .dy = dy, .out = dx};
  long size = sizes.height * sizes.width +
              sizes.out_height * sizes.out_width * sizes.kernel * sizes.kernel;
  ck_vector_run(pool, CK_KERNEL_max_pool_backward, &args, sizes.planes, ck_heavy_grain(size));
}

static void run_shuffle(ck_pool *pool, ck_kernel_number kernel, long images, long channels,
                        long height, long width, long r, const float *x, ck_gradient y) {
  if (!y.to) return;
  ck_plane_args args = {.sizes = {.planes = images * channels, .height = height, .width = width},
                        .factor = r,
                        .x = x,
                        .out = y};
  ck_vector_run(pool, kernel, &args, images * channels * height, ck_heavy_grain(r * r * width));
}

void ck_pixel_shuffle(ck_pool *pool, long images, long channels, long height, long width, long r,
                      const float *x, ck_gradient y) {
  run_shuffle(pool, CK_KERNEL_pixel_shuffle, images, channels, height, width, r, x, y);
}

void ck_pixel_unshuffle(ck_pool *pool, long images, long channels, long height, long width, long r,
                        const float *x, ck_gradient y) {
  run_shuffle(pool, CK_KERNEL_pixel_unshuffle, images, channels, height, width, r, x, y);
}
