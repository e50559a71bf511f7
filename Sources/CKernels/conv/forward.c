#include <string.h>

#include "conv/planes.h"
#include "conv/ways.h"

// y[out_channel, position] = Σ over k = (in_channel, kernel_h, kernel_w) of w[out_channel, k] times
// the image's value under tap k. A task computes all channels of a few images, or of some rows of
// one image, panel by panel of 32 positions.

typedef struct forward {
  const ck_matrix_kernels *kernels;
  ck_pool *pool;
  const ck_conv2d *shape;
  const float *x, *w;
  float *w_packed;
  int32_t *offsets;
  float *y;
  int accumulate;
  ck_epilogue epilogue;
  long depth;          // in_channels · kernel_h · kernel_w
  long groups, bands;  // tasks: groups of images, or bands of rows of one image
} forward;

static void pack_weights(void *context, long task, int worker) {
  (void)worker;
  const forward *f = context;
  long rows = f->shape->out_channels, tiles = ck_tiles(f->kernels, rows);
  long row = ck_part(rows, tiles, task), height = ck_part(rows, tiles, task + 1) - row;
  f->kernels->transpose(f->w + row * f->depth, f->depth, height, f->depth,
                        f->w_packed + row * f->depth, height, 0);
}

/// offsets[k]: from a position to its tap k, in the planes.
static void fill_offsets(const ck_conv2d *s, const ck_planes *planes, int32_t *offsets) {
  for (long c = 0; c < s->in_channels; c++)
    for (long i = 0; i < s->kernel_h; i++)
      for (long j = 0; j < s->kernel_w; j++)
        *offsets++ = (int32_t)(c * planes->channel_step + i * planes->row_step +
                               j % s->stride_w * planes->segment + j / s->stride_w);
}

/// The planes of output rows row ..< row+rows.
static ck_planes planes_of(const ck_conv2d *s, long row, long rows) {
  return ck_planes_make(s->in_channels, s->in_h, s->in_w, row * s->stride_h - s->pad_h,
                        (rows - 1) * s->stride_h + s->kernel_h, -s->pad_w,
                        (s->out_w - 1) * s->stride_w + s->kernel_w, s->stride_w);
}

static void run_forward(void *context, long task, int worker) {
  const forward *f = context;
  const ck_conv2d *s = f->shape;
  long group = task / f->bands, band = task % f->bands;
  long image = ck_part(s->batch, f->groups, group);
  long images = ck_part(s->batch, f->groups, group + 1) - image;
  long row = ck_part(s->out_h, f->bands, band), rows = ck_part(s->out_h, f->bands, band + 1) - row;

  ck_planes planes = planes_of(s, row, rows);
  float *pixels = ck_scratch(f->pool, worker, CK_SCRATCH_IMAGE, ck_planes_floats(&planes, images));
  ck_planes_fill(&planes, f->x + image * s->in_channels * s->in_h * s->in_w, images,
                 s->in_channels, 0, pixels);
  // The bands of an image may differ by a row, and so may the channels' distance.
  int32_t *offsets = f->offsets;
  if (f->bands > 1) {
    offsets = (int32_t *)ck_scratch(f->pool, worker, CK_SCRATCH_LEFT, f->depth);
    fill_offsets(s, &planes, offsets);
  }

  ck_positions positions = {images, rows, s->out_w, planes.image_step,
                            s->stride_h * planes.row_step};
  long area = s->out_h * s->out_w, count = images * rows * s->out_w;
  float *y = f->y + image * s->out_channels * area + row * s->out_w;
  float *panel = ck_scratch(f->pool, worker, CK_SCRATCH_PANEL, CK_DEPTH * CK_PANEL + 16);
  float *tile = ck_scratch(f->pool, worker, CK_SCRATCH_TILE, s->out_channels * CK_PANEL);
  ck_left left = {f->w_packed, f->depth, CK_TILED};
  long depths = ck_max(1, ck_ceil_div(f->depth, CK_DEPTH));

  for (long first = 0; first < count; first += CK_PANEL) {
    long width = ck_min(CK_PANEL, count - first), longest;
    int vectors = (int)ck_ceil_div(width, 16);
    ck_run runs[CK_PANEL];
    long run_count = ck_positions_runs(&positions, first, width, runs, &longest);
    ck_columns columns = {y, rows * s->out_w, s->out_channels * area, area, first, width};
    float *c = ck_columns_direct(&columns);
    long c_step = c ? area : CK_PANEL;
    if (!c) {
      c = tile;
      if (f->accumulate) ck_columns_load(&columns, s->out_channels, tile);
    }
    for (long d = 0; d < depths; d++) {
      long k = ck_part(f->depth, depths, d), depth = ck_part(f->depth, depths, d + 1) - k;
      f->kernels->gather(pixels, offsets + k, depth, runs, run_count, longest, width, panel,
                         16 * vectors);
      ck_multiply(f->kernels, left, 0, k, s->out_channels, vectors, depth, panel, 16 * vectors, c,
                  c_step, f->accumulate || d > 0);
    }
    if (ck_has_epilogue(&f->epilogue))
      f->kernels->finish(&f->epilogue, 0, 0, s->out_channels, width, c, c_step, c,
                         c_step);
    if (c == tile) ck_columns_store(&columns, s->out_channels, tile);
  }
}

void ck_conv_forward_positions(ck_pool *pool, const ck_matrix_kernels *kernels,
                               const ck_conv2d *shape, const float *x, const float *w, float *y,
                               int accumulate, const ck_epilogue *epilogue) {
  long area = shape->out_h * shape->out_w;
  if (shape->batch <= 0 || shape->out_channels <= 0 || area <= 0) return;
  forward f = {
      .kernels = kernels,
      .pool = pool,
      .shape = shape,
      .x = x,
      .w = w,
      .y = y,
      .accumulate = accumulate,
      .depth = shape->in_channels * shape->kernel_h * shape->kernel_w,
  };
  if (epilogue) f.epilogue = *epilogue;
  f.epilogue.bias_per_row = 1;
  ck_conv_tasks(pool, shape->batch, shape->out_h, shape->out_w, &f.groups, &f.bands);

  f.w_packed = ck_scratch(pool, 0, CK_SCRATCH_SHARED, shape->out_channels * f.depth);
  f.offsets = (int32_t *)ck_scratch(pool, 0, CK_SCRATCH_TABLE, f.depth);
  ck_planes planes = planes_of(shape, 0, shape->out_h);
  fill_offsets(shape, &planes, f.offsets);
  ck_parallel(pool, ck_tiles(f.kernels, shape->out_channels), pack_weights, &f);
  ck_parallel(pool, f.groups * f.bands, run_forward, &f);
}
