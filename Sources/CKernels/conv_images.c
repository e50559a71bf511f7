#include <string.h>

#include "conv_images.h"
#include "conv_kernels.h"
#include "conv_private.h"

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
  IMAGES = 16,
  MOST_TAPS = 256,
  MOST_ROWS = 16,
  BLOCK = 256,             // products of a chain between two visits of memory
  RUN = 256,               // products of all chains of a row of a tile that share its weights
  BAND_SUMS = 64 * 1024,   // floats of partial sums
  BAND_PIXELS = 96 * 1024, // floats of transposed pixels
};

/// The taps that reach coordinate `i` of the output: first_tap, first_tap + tap_step, …; tap number
/// n sees coordinate source + n·source_step of the input.
typedef struct point {
  int32_t first_tap, count, source, class;
} point;

typedef struct axis {
  point *points;
  long tap_step, source_step;
  int32_t classes;
} axis;

typedef struct product {
  const ck_matrix_kernels *kernels;
  const ck_tap_tile *tiles;
  ck_pool *pool;
  long batch, taps, kernel_h, kernel_w;
  long sources, source_h, source_w;  // channels, height and width of the input
  long targets, target_h, target_w;  // of the output
  axis rows, cols;
  const float *from, *w;
  float *w_packed, *to;
  int w_by_source, accumulate;
  ck_epilogue epilogue;
  long bands, channel_block, tile_positions;
} product;

/// A task's place: some rows of the output of 16 images (or fewer, at the end of the batch).
typedef struct band {
  long image, images;
  long row, rows;
  long low, high;  // rows of the input that are needed
  float *pixels, *sums;
  long channel_step, sums_step;
} band;

// Taps along an axis.

static void set_class(axis *a, long i) {
  for (long j = 0; j < i; j++)
    if (a->points[j].first_tap == a->points[i].first_tap &&
        a->points[j].count == a->points[i].count) {
      a->points[i].class = a->points[j].class;
      return;
    }
  a->points[i].class = a->classes++;
}

static axis forward_axis(point *points, long targets, long sources, long kernel, long stride,
                         long pad) {
  axis a = {points, 1, 1, 0};
  for (long i = 0; i < targets; i++) {
    long first = ck_max(0, pad - i * stride), end = ck_min(kernel, sources + pad - i * stride);
    points[i] = (point){(int32_t)first, (int32_t)ck_max(0, end - first),
                        (int32_t)(i * stride - pad + first), 0};
    set_class(&a, i);
  }
  return a;
}

static axis backward_axis(point *points, long targets, long sources, long kernel, long stride,
                          long pad) {
  axis a = {points, stride, -1, 0};
  for (long i = 0; i < targets; i++) {
    // Tap k sees (i + pad − k) / stride where that is whole and inside.
    long first = (i + pad) % stride, source = (i + pad) / stride;
    if (source >= sources) first += (source - sources + 1) * stride, source = sources - 1;
    long count = first < kernel ? ck_min((kernel - first - 1) / stride, source) + 1 : 0;
    points[i] = (point){(int32_t)first, (int32_t)count, (int32_t)source, 0};
    set_class(&a, i);
  }
  return a;
}

// The weights: [tile][phase of taps][source channel][tap of the phase][row], where a row is a target
// channel. Tap k of an axis is number k / tap_step of phase k mod tap_step.

/// How many taps of an axis have the phase.
static long phase_taps(long kernel, long step, long phase) {
  return phase < kernel ? (kernel - phase - 1) / step + 1 : 0;
}

/// How many taps precede the phase's.
static long taps_before(const product *p, long row_phase, long col_phase) {
  long before = 0;
  for (long i = 0; i < row_phase; i++) before += phase_taps(p->kernel_h, p->rows.tap_step, i);
  before *= p->kernel_w;
  long rows = phase_taps(p->kernel_h, p->rows.tap_step, row_phase);
  for (long j = 0; j < col_phase; j++)
    before += rows * phase_taps(p->kernel_w, p->cols.tap_step, j);
  return before;
}

/// Packs the taps of source channel `c`, which lie at taps[tap·height + row].
static void place_taps(const product *p, long c, long height, const float *taps, float *to) {
  for (long i = 0; i < p->kernel_h; i++)
    for (long j = 0; j < p->kernel_w; j++, taps += height) {
      long row_phase = i % p->rows.tap_step, col_phase = j % p->cols.tap_step;
      long rows = phase_taps(p->kernel_h, p->rows.tap_step, row_phase);
      long cols = phase_taps(p->kernel_w, p->cols.tap_step, col_phase);
      long place = taps_before(p, row_phase, col_phase) * p->sources + c * rows * cols +
                   i / p->rows.tap_step * cols + j / p->cols.tap_step;
      for (long r = 0; r < height; r++) to[place * height + r] = taps[r];
    }
}

static void pack_weights(void *context, long task, int worker) {
  (void)worker;
  const product *p = context;
  long tiles = ck_tiles(p->kernels, p->targets);
  long row = ck_part(p->targets, tiles, task);
  long height = ck_part(p->targets, tiles, task + 1) - row, depth = p->sources * p->taps;
  float *to = p->w_packed + row * depth;
  if (!p->w_by_source) {  // one phase
    p->kernels->transpose(p->w + row * depth, depth, height, depth, to, height, 0);
    return;
  }
  float taps[MOST_TAPS * MOST_ROWS];
  for (long c = 0; c < p->sources; c++) {
    p->kernels->transpose(p->w + (c * p->targets + row) * p->taps, p->taps, height, p->taps, taps,
                          height, 0);
    place_taps(p, c, height, taps, to);
  }
}

// The product.

/// Transposes channels `channel ..< channel+channels` of the band's images.
static void load_pixels(const product *p, const band *b, long channel, long channels) {
  long area = p->source_h * p->source_w, image_step = p->sources * area;
  const float *from = p->from + b->image * image_step + channel * area + b->low * p->source_w;
  for (long c = 0; c < channels; c++)
    p->kernels->transpose(from + c * area, image_step, b->images, (b->high - b->low) * p->source_w,
                          b->pixels + c * b->channel_step, IMAGES, 1);
}

static void load_sums(const product *p, const band *b) {
  long area = p->target_h * p->target_w, image_step = p->targets * area;
  const float *from = p->to + b->image * image_step + b->row * p->target_w;
  for (long c = 0; c < p->targets; c++)
    p->kernels->transpose(from + c * area, image_step, b->images, b->rows * p->target_w,
                          b->sums + c * b->sums_step, IMAGES, 1);
}

static void store_sums(const product *p, const band *b) {
  long area = p->target_h * p->target_w, image_step = p->targets * area;
  long count = b->rows * p->target_w;
  if (ck_has_epilogue(&p->epilogue))
    p->kernels->finish(&p->epilogue, 0, 0, p->targets, count * IMAGES, b->sums, b->sums_step);
  float *to = p->to + b->image * image_step + b->row * p->target_w;
  for (long c = 0; c < p->targets; c++)
    p->kernels->transpose(b->sums + c * b->sums_step, IMAGES, count, b->images, to + c * area,
                          image_step, 0);
}

/// A run of evenly spaced positions that share a table of taps.
typedef struct run {
  ck_tap_positions positions;
  long count, most;
  long channel, weights_at;  // the first channel; taps before the phase's among the weights
  int from_sums;
} run;

static void flush(const product *p, run *q) {
  long tiles = ck_tiles(p->kernels, p->targets), depth = p->sources * p->taps;
  for (long t = 0; t < tiles && q->count > 0; t++) {
    long row = ck_part(p->targets, tiles, t), height = ck_part(p->targets, tiles, t + 1) - row;
    const ck_tap_tile *family = p->tiles + 4 * (height - 1);
    ck_tap_positions positions = q->positions;
    positions.weights_step *= height;
    positions.weights = p->w_packed + row * depth + q->weights_at * p->sources * height +
                        q->channel * positions.weights_step;
    positions.sums += row * positions.row_step;
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

static void append(const product *p, run *q, const float *pixels, float *sums) {
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

static long make_taps(const product *p, point row, point col, ck_tap *taps) {
  long count = 0, row_step = p->rows.tap_step, col_step = p->cols.tap_step;
  long cols = phase_taps(p->kernel_w, col_step, col.first_tap % col_step);
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
static void set_taps(const product *p, run *q, point row, point col, ck_tap *taps) {
  long row_phase = row.first_tap % p->rows.tap_step, col_phase = col.first_tap % p->cols.tap_step;
  q->positions.taps = taps;
  q->positions.tap_count = make_taps(p, row, col, taps);
  q->positions.weights_step = phase_taps(p->kernel_h, p->rows.tap_step, row_phase) *
                              phase_taps(p->kernel_w, p->cols.tap_step, col_phase);
  q->weights_at = taps_before(p, row_phase, col_phase);
  long products = ck_max(1, q->positions.tap_count * q->positions.channels);
  q->most = ck_max(p->tile_positions, RUN / products / p->tile_positions * p->tile_positions);
}

/// Adds the products of one block of channels at the positions of one class.
static void run_class(const product *p, const band *b, int32_t row_class, int32_t col_class,
                      run *q) {
  ck_tap taps[MOST_TAPS];
  q->positions.taps = NULL;
  for (long r = b->row; r < b->row + b->rows; r++) {
    point row = p->rows.points[r];
    if (row.class != row_class) continue;
    for (long c = 0; c < p->target_w; c++) {
      point col = p->cols.points[c];
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
static void set_sources(const product *p, band *b) {
  b->low = p->source_h, b->high = 0;
  for (long r = b->row; r < b->row + b->rows; r++) {
    point row = p->rows.points[r];
    if (row.count == 0) continue;
    long last = row.source + (row.count - 1) * p->rows.source_step;
    b->low = ck_min(b->low, ck_min(row.source, last));
    b->high = ck_max(b->high, ck_max(row.source, last) + 1);
  }
  b->low = ck_min(b->low, b->high);
}

static void run_band(void *context, long task, int worker) {
  const product *p = context;
  band b = {.image = task / p->bands * IMAGES, .row = ck_part(p->target_h, p->bands, task % p->bands)};
  b.images = ck_min(IMAGES, p->batch - b.image);
  b.rows = ck_part(p->target_h, p->bands, task % p->bands + 1) - b.row;
  set_sources(p, &b);
  // An odd number of cache lines between channels spreads them over the cache.
  b.channel_step = ((b.high - b.low) * p->source_w | 7) * IMAGES;
  b.sums_step = (b.rows * p->target_w | 1) * IMAGES;
  b.pixels = ck_scratch(p->pool, worker, CK_SCRATCH_IMAGE, p->channel_block * b.channel_step);
  b.sums = ck_scratch(p->pool, worker, CK_SCRATCH_TILE, p->targets * b.sums_step);
  if (p->accumulate) load_sums(p, &b);

  run q = {.from_sums = p->accumulate,
           .positions = {.channel_step = b.channel_step, .row_step = b.sums_step}};
  for (long channel = 0; channel == 0 || channel < p->sources; channel += p->channel_block) {
    q.channel = channel;
    q.positions.channels = ck_min(p->channel_block, p->sources - channel);
    load_pixels(p, &b, channel, q.positions.channels);
    for (int32_t r = 0; r < p->rows.classes; r++)
      for (int32_t c = 0; c < p->cols.classes; c++) run_class(p, &b, r, c, &q);
    q.from_sums = 1;
  }
  store_sums(p, &b);
}

long ck_conv_images(const ck_conv2d *shape) {
  long rest = shape->batch % IMAGES;
  if (shape->kernel_h * shape->kernel_w > MOST_TAPS) return 0;
  return rest >= IMAGES / 2 ? shape->batch : shape->batch - rest;
}

static void convolve(product *p, ck_pool *pool) {
  p->kernels = ck_matrix_current();
  p->tiles = ck_conv_current()->taps;
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
  ck_parallel(pool, ck_tiles(p->kernels, p->targets), pack_weights, p);
  ck_parallel(pool, groups * p->bands, run_band, p);
}

static point *make_points(ck_pool *pool, long count) {
  return (point *)ck_scratch(pool, 0, CK_SCRATCH_TABLE,
                             count * (long)(sizeof(point) / sizeof(float)));
}

void ck_conv_forward_images(ck_pool *pool, const ck_conv2d *s, const float *x, const float *w,
                            float *y, int accumulate, const ck_epilogue *epilogue) {
  if (s->batch <= 0 || s->out_channels <= 0 || s->out_h <= 0 || s->out_w <= 0) return;
  product p = {
      .batch = s->batch, .taps = s->kernel_h * s->kernel_w, .kernel_h = s->kernel_h,
      .kernel_w = s->kernel_w,
      .sources = s->in_channels, .source_h = s->in_h, .source_w = s->in_w,
      .targets = s->out_channels, .target_h = s->out_h, .target_w = s->out_w,
      .from = x, .w = w, .to = y, .accumulate = accumulate,
  };
  if (epilogue) p.epilogue = *epilogue;
  point *points = make_points(pool, s->out_h + s->out_w);
  p.rows = forward_axis(points, s->out_h, s->in_h, s->kernel_h, s->stride_h, s->pad_h);
  p.cols = forward_axis(points + s->out_h, s->out_w, s->in_w, s->kernel_w, s->stride_w, s->pad_w);
  convolve(&p, pool);
}

void ck_conv_backward_input_images(ck_pool *pool, const ck_conv2d *s, const float *dy,
                                   const float *w, float *dx, int accumulate,
                                   const ck_epilogue *epilogue) {
  if (s->batch <= 0 || s->in_channels <= 0 || s->in_h <= 0 || s->in_w <= 0) return;
  product p = {
      .batch = s->batch, .taps = s->kernel_h * s->kernel_w, .kernel_h = s->kernel_h,
      .kernel_w = s->kernel_w,
      .sources = s->out_channels, .source_h = s->out_h, .source_w = s->out_w,
      .targets = s->in_channels, .target_h = s->in_h, .target_w = s->in_w,
      .from = dy, .w = w, .to = dx, .w_by_source = 1, .accumulate = accumulate,
  };
  if (epilogue) p.epilogue = *epilogue;
  point *points = make_points(pool, s->in_h + s->in_w);
  p.rows = backward_axis(points, s->in_h, s->out_h, s->kernel_h, s->stride_h, s->pad_h);
  p.cols = backward_axis(points + s->in_h, s->in_w, s->out_w, s->kernel_w, s->stride_w, s->pad_w);
  convolve(&p, pool);
}
