#include "conv/images.h"

#include <stddef.h>

#include "conv/images_private.h"

// Convolutions over batches: the 16 lanes of a vector are 16 images at one position.
//
// The pixels of 16 images are transposed so that the images lie side by side: [channel][row][col]
// [16]. Then what any tap sees is a vector in place, for any stride, and taps that fall on padding
// are left out instead of multiplied. The sums are transposed back on the way to the output.
//
// Forward and backward input are the same loop. Each coordinate of the output has its list of taps
// along an axis; positions with equal lists (all those inside, and a few classes along the border,
// times the phases of a strided backward pass) share a table of taps.

enum {
  BLOCK = 256,              // products of a chain between two visits of memory
  RUN = 256,                // products of all chains of a row of a tile that share its weights
  BAND_SUMS = 64 * 1024,    // floats of partial sums
  BAND_PIXELS = 96 * 1024,  // floats of transposed pixels
};

/// A run of evenly spaced positions that share a table of taps.
typedef struct run {
  ck_tap_positions positions;
  long count, most;
  long channel, weights_at;  // the first channel; taps before the phase's among the weights
  int from_sums;
} run;

static void flush(const ck_image_product *p, run *q) {
  long tiles = ck_tiles(p->kernels, p->targets), depth = p->sources * p->taps;
  for (long t = 0; t < tiles && q->count > 0; t++) {
    long row = ck_part(p->targets, tiles, t), height = ck_part(p->targets, tiles, t + 1) - row;
    const ck_tap_tile *family = p->tiles + 4 * (height - 1);
    ck_tap_positions positions = q->positions;
    positions.weights_step *= height;
    positions.weights = p->w_packed + row * depth + q->weights_at * p->sources * height +
                        q->channel * positions.weights_step;
    positions.sums += row * positions.row_step;
    if (positions.bias) positions.bias += row;
    for (long left = q->count, log = 3; left > 0; log--) {
      long groups = family[log] ? left >> log : 0;
      if (groups == 0) continue;
      family[log](&positions, groups, q->from_sums);
      left -= groups << log;
      positions.pixels += (groups << log) * positions.pixels_next;
      positions.sums += (groups << log) * positions.sums_next;
    }
  }
  q->count = 0;
}

static void append(const ck_image_product *p, run *q, const float *pixels, float *sums) {
  ck_tap_positions *s = &q->positions;
  if (q->count > 1 && (pixels != s->pixels + q->count * s->pixels_next ||
                       sums != s->sums + q->count * s->sums_next))
    flush(p, q);
  if (q->count == 0)
    s->pixels = pixels, s->sums = sums;
  else if (q->count == 1)
    s->pixels_next = pixels - s->pixels, s->sums_next = sums - s->sums;
  if (++q->count == q->most) flush(p, q);
}

static long make_taps(const ck_image_product *p, ck_point row, ck_point col, ck_tap *taps) {
  long count = 0, row_step = p->rows.tap_step, col_step = p->cols.tap_step;
  long cols = ck_phase_taps(p->kernel_w, col_step, col.first_tap % col_step);
  for (long i = 0; i < row.count; i++)
    for (long j = 0; j < col.count; j++)
      taps[count++] = (ck_tap){
          .weight = (int32_t)((row.first_tap / row_step + i) * cols + col.first_tap / col_step + j),
          .image = (int32_t)((i * p->rows.source_step * p->source_w + j * p->cols.source_step) *
                             IMAGES),
      };
  return count;
}

/// Prepares a run for positions with the taps of `row` and `col`.
static void set_taps(const ck_image_product *p, run *q, ck_point row, ck_point col, ck_tap *taps) {
  long row_phase = row.first_tap % p->rows.tap_step, col_phase = col.first_tap % p->cols.tap_step;
  q->positions.taps = taps;
  q->positions.tap_count = make_taps(p, row, col, taps);
  q->positions.weights_step = ck_phase_taps(p->kernel_h, p->rows.tap_step, row_phase) *
                              ck_phase_taps(p->kernel_w, p->cols.tap_step, col_phase);
  q->weights_at = ck_taps_before(p, row_phase, col_phase);
  long products = ck_max(1, q->positions.tap_count * q->positions.channels);
  q->most = ck_max(p->tile_positions, RUN / products / p->tile_positions * p->tile_positions);
}

/// Adds the products of one block of channels at the positions of one class.
static void run_class(const ck_image_product *p, const ck_band *b, int32_t row_class,
                      int32_t col_class, run *q) {
  ck_tap taps[MOST_TAPS];
  q->positions.taps = NULL;
  for (long r = b->row; r < b->row + b->rows; r++) {
    ck_point row = p->rows.points[r];
    if (row.class != row_class) continue;
    for (long c = 0; c < p->target_w; c++) {
      ck_point col = p->cols.points[c];
      if (col.class != col_class) continue;
      if (!q->positions.taps) set_taps(p, q, row, col, taps);
      // A position without taps sees nothing: its source may lie outside.
      long pixel =
          q->positions.tap_count ? (row.source - b->low) * p->source_w + col.source : 0;
      append(p, q, b->pixels + pixel * IMAGES,
             b->sums + ((r - b->row) * p->target_w + c) * IMAGES);
    }
  }
  flush(p, q);
}

/// The rows of the input that the band needs.
static void set_sources(const ck_image_product *p, ck_band *b) {
  b->low = p->source_h, b->high = 0;
  for (long r = b->row; r < b->row + b->rows; r++) {
    ck_point row = p->rows.points[r];
    if (row.count == 0) continue;
    long last = row.source + (row.count - 1) * p->rows.source_step;
    b->low = ck_min(b->low, ck_min(row.source, last));
    b->high = ck_max(b->high, ck_max(row.source, last) + 1);
  }
  b->low = ck_min(b->low, b->high);
}

static void run_band(void *context, long task, int worker) {
  const ck_image_product *p = context;
  ck_band b = {.image = task / p->bands * IMAGES,
               .row = ck_part(p->target_h, p->bands, task % p->bands),
               .cols = p->target_w,
               .right = p->source_w,
               .targets = p->targets};
  b.images = ck_min(IMAGES, p->batch - b.image);
  b.rows = ck_part(p->target_h, p->bands, task % p->bands + 1) - b.row;
  set_sources(p, &b);
  // An odd number of cache lines between channels spreads them over the cache.
  b.channel_step = ((b.high - b.low) * p->source_w | 7) * IMAGES;
  b.sums_step = (b.rows * p->target_w | 1) * IMAGES;
  b.pixels = ck_scratch(p->pool, worker, CK_SCRATCH_IMAGE, p->channel_block * b.channel_step);
  b.sums = ck_scratch(p->pool, worker, CK_SCRATCH_TILE, p->targets * b.sums_step);
  if (p->accumulate) ck_load_sums(p, &b);

  run q = {.from_sums = p->accumulate,
           .positions = {.channel_step = b.channel_step, .row_step = b.sums_step}};
  for (long channel = 0; channel == 0 || channel < p->sources; channel += p->channel_block) {
    q.channel = channel;
    q.positions.channels = ck_min(p->channel_block, p->sources - channel);
    if (channel + p->channel_block >= p->sources && ck_ends_in_tile(p)) {
      q.positions.bias = p->epilogue.bias;
      q.positions.relu = p->epilogue.activation == CK_ACTIVATION_RELU;
    }
    ck_load_pixels(p, &b, channel, q.positions.channels);
    for (int32_t r = 0; r < p->rows.classes; r++)
      for (int32_t c = 0; c < p->cols.classes; c++) run_class(p, &b, r, c, &q);
    q.from_sums = 1;
  }
  ck_store_sums(p, &b);
}

long ck_conv_images(const ck_conv2d *shape) {
  long rest = shape->batch % IMAGES;
  if (shape->kernel_h * shape->kernel_w > MOST_TAPS) return 0;
  return rest >= IMAGES / 2 ? shape->batch : shape->batch - rest;
}

static void convolve(ck_image_product *p, ck_pool *pool) {
  p->kernels = ck_matrix_current();
  p->conv = ck_conv_current();
  p->tiles = p->conv->taps;
  p->pool = pool;
  p->epilogue.bias_per_row = 1;
  long height = ck_part(p->targets, ck_tiles(p->kernels, p->targets), 1), log = 0;
  while (log < 3 && p->tiles[4 * (height - 1) + log + 1]) log++;
  p->tile_positions = 1 << log;
  // How many taps a position has at most decides how many channels make a block.
  long most = 1;
  for (long i = 0; i < p->target_h; i++)
    for (long j = 0; j < p->target_w; j++)
      most = ck_max(most, p->rows.points[i].count * p->cols.points[j].count);
  p->channel_block = ck_max(1, ck_min(p->sources, BLOCK / most));
  long source_rows = ck_ceil_div(p->source_h, p->target_h);
  long rows = ck_min(BAND_SUMS / (p->targets * p->target_w * IMAGES),
                     BAND_PIXELS / (p->channel_block * source_rows * p->source_w * IMAGES));
  rows = ck_max(1, ck_min(p->target_h, rows));
  p->bands = ck_ceil_div(p->target_h, rows);
  long groups = ck_ceil_div(p->batch, IMAGES), threads = ck_pool_threads(pool);
  if (threads > 1 && groups * p->bands < 3 * threads)
    p->bands = ck_min(p->target_h, ck_ceil_div(3 * threads, groups));
  p->w_packed = ck_scratch(pool, 0, CK_SCRATCH_SHARED, p->targets * p->sources * p->taps);
  ck_parallel(pool, ck_tiles(p->kernels, p->targets), ck_pack_weights, p);
  ck_parallel(pool, groups * p->bands, run_band, p);
}

static ck_point *make_points(ck_pool *pool, long count) {
  return (ck_point *)ck_scratch(pool, 0, CK_SCRATCH_TABLE,
                             count * (long)(sizeof(ck_point) / sizeof(float)));
}

void ck_conv_forward_images(ck_pool *pool, const ck_conv2d *s, const float *x, const float *w,
                            float *y, int accumulate, const ck_epilogue *epilogue) {
  if (s->batch <= 0 || s->out_channels <= 0 || s->out_h <= 0 || s->out_w <= 0) return;
  ck_image_product p = {
      .batch = s->batch, .taps = s->kernel_h * s->kernel_w, .kernel_h = s->kernel_h,
      .kernel_w = s->kernel_w,
      .sources = s->in_channels, .source_h = s->in_h, .source_w = s->in_w,
      .targets = s->out_channels, .target_h = s->out_h, .target_w = s->out_w,
      .from = x, .w = w, .to = y, .accumulate = accumulate,
  };
  if (epilogue) p.epilogue = *epilogue;
  ck_point *points = make_points(pool, s->out_h + s->out_w);
  p.rows = ck_forward_axis(points, s->out_h, s->in_h, s->kernel_h, s->stride_h, s->pad_h);
  p.cols = ck_forward_axis(points + s->out_h, s->out_w, s->in_w, s->kernel_w, s->stride_w,
                           s->pad_w);
  convolve(&p, pool);
}

void ck_conv_backward_input_images(ck_pool *pool, const ck_conv2d *s, const float *dy,
                                   const float *w, float *dx, int accumulate,
                                   const ck_epilogue *epilogue) {
  if (s->batch <= 0 || s->in_channels <= 0 || s->in_h <= 0 || s->in_w <= 0) return;
  ck_image_product p = {
      .batch = s->batch, .taps = s->kernel_h * s->kernel_w, .kernel_h = s->kernel_h,
      .kernel_w = s->kernel_w,
      .sources = s->out_channels, .source_h = s->out_h, .source_w = s->out_w,
      .targets = s->in_channels, .target_h = s->in_h, .target_w = s->in_w,
      .from = dy, .w = w, .to = dx, .w_by_source = 1, .accumulate = accumulate,
  };
  if (epilogue) p.epilogue = *epilogue;
  ck_point *points = make_points(pool, s->in_h + s->in_w);
  p.rows = ck_backward_axis(points, s->in_h, s->out_h, s->kernel_h, s->stride_h, s->pad_h);
  p.cols = ck_backward_axis(points + s->in_h, s->in_w, s->out_w, s->kernel_w, s->stride_w,
                            s->pad_w);
  convolve(&p, pool);
}
