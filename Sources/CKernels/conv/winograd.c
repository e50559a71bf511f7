#include "conv/winograd.h"

#include <stddef.h>

#include "conv/images_private.h"

// Forward and backward input. The lanes are images, as in images.c, and so are the tasks: some
// rows of tiles of 16 images. Pixels become the right matrices of 9 (forward) or 25 (backward)
// products, or of 16 both ways with kernel 3, two tiles side by side: [pair of tiles][place][source][tile]
// [16]; weights become the left ones. A place's products are then summed over all sources at once.

enum {
  MOST_TILES = 64,
  LEAST_CHANNELS = 16,
  BAND = 160 * 1024,        // floats of the right matrices of a task, for a second cache of 1 MB
  MOST_BAND = 4 * BAND,
  MOST_PLACES = 16,
};

typedef struct winograd {
  ck_image_product images;
  const ck_winograd_kernels *kernels;
  int same;               // kernel 3, stride 1
  int flipped;            // backward input
  int up;                 // and the targets are the larger images
  long phases;            // of the targets
  long products;          // of a tile and phase
  long depth, places;     // sources (times phases) of a product; right matrices of a pair
  long tiles_h, tiles_w;  // of the smaller images
  long bands;
} winograd;

/// One or two tiles of a band that are lone in the same way.
typedef struct pair {
  int count, lone_row, lone_col;
  long row[2], col[2];
} pair;

static long right_floats(long depth, long places) { return places * (depth + 1) * 32; }

/// What the shapes of both kernels have in common.
static int is_large(const ck_conv2d *s, long floats) {
  if (s->batch < IMAGES / 2 || s->out_h < 2 || s->out_w < 2) return 0;
  if (ck_min(s->in_channels, s->out_channels) < LEAST_CHANNELS) return 0;
  long tiles = ck_ceil_div(s->out_w, 2);
  return tiles <= MOST_TILES && ck_ceil_div(tiles, 2) * floats <= MOST_BAND;
}

static int is_same(const ck_conv2d *s) {
  return s->kernel_h == 3 && s->kernel_w == 3 && s->stride_h == 1 && s->stride_w == 1 &&
         s->pad_h == 1 && s->pad_w == 1 && s->in_h == s->out_h && s->in_w == s->out_w;
}

int ck_winograd_suits(const ck_conv2d *s) {
  if (is_same(s)) return is_large(s, right_floats(ck_max(s->in_channels, s->out_channels), 16));
  if (s->kernel_h != 4 || s->kernel_w != 4 || s->stride_h != 2 || s->stride_w != 2) return 0;
  if (s->pad_h != 1 || s->pad_w != 1) return 0;
  if (s->in_h != 2 * s->out_h || s->in_w != 2 * s->out_w) return 0;
  return is_large(
      s, ck_max(right_floats(4 * s->in_channels, 9), right_floats(s->out_channels, 25)));
}

/// A task that transforms the weights of some sources to one row tile: [row tile][phase of the
/// targets][place][source][row].
static void pack_weights(void *context, long task, int worker) {
  (void)worker;
  enum { PARTS = 4 };
  const winograd *g = context;
  const ck_image_product *p = &g->images;
  long tiles = ck_tiles(p->kernels, p->targets), tile = task / PARTS;
  long row = ck_part(p->targets, tiles, tile);
  long height = ck_part(p->targets, tiles, tile + 1) - row;
  float *packed = p->w_packed + row * g->phases * g->products * g->depth;
  long place_step = g->depth * height;
  long end = ck_part(p->sources, PARTS, task % PARTS + 1);
  for (long c = ck_part(p->sources, PARTS, task % PARTS); c < end; c++) {
    float taps[16 * 16];
    long size = g->same ? 9 : 16;
    if (g->flipped)
      p->kernels->transpose(p->w + (c * p->targets + row) * size, size, height, size, taps, 16, 1);
    else
      p->kernels->transpose(p->w + (row * p->sources + c) * size, size * p->sources, height, size,
                            taps, 16, 1);
    if (g->same)
      g->kernels->same_weights(taps, g->flipped, (int)height, packed + c * height, place_step);
    else if (g->up)
      g->kernels->weights(taps, 1, (int)height, packed + c * height, place_step,
                          g->products * place_step);
    else
      g->kernels->weights(taps, 0, (int)height, packed + 4 * c * height, place_step, height);
  }
}

/// The band's tiles, those lone in the same way together. Returns the number of pairs.
static long make_pairs(const winograd *g, long first, long end, pair *pairs) {
  long small_h = g->up ? g->images.source_h : g->images.target_h;
  long small_w = g->up ? g->images.source_w : g->images.target_w;
  long count = 0;
  for (int lone_row = 0; lone_row < 2; lone_row++)
    for (int lone_col = 0; lone_col < 2; lone_col++) {
      pair *last = NULL;
      for (long row = first; row < end; row++)
        for (long col = 0; col < g->tiles_w; col++) {
          if ((2 * row + 2 > small_h) != lone_row || (2 * col + 2 > small_w) != lone_col) continue;
          if (!last || last->count == 2) {
            last = pairs + count++;
            *last = (pair){.lone_row = lone_row, .lone_col = lone_col};
          }
          last->row[last->count] = row, last->col[last->count++] = col;
        }
    }
  return count;
}

static ck_window window_of(const winograd *g, const ck_band *b, const pair *tiles, int v) {
  const ck_image_product *p = &g->images;
  ck_window w = {.lone_row = tiles->lone_row, .lone_col = tiles->lone_col, .inside = 1};
  long side = g->up || g->same ? 4 : 6, step = side - 2;
  for (long i = 0; i < side; i++) {
    long row = step * tiles->row[v] - 1 + i, col = step * tiles->col[v] - 1 + i;
    if (row >= 0 && row < p->source_h)
      w.rows[i] = b->pixels + (row - b->low) * p->source_w * IMAGES;
    w.cols[i] = col >= 0 && col < p->source_w ? (int32_t)(col * IMAGES) : -1;
    if (!w.rows[i] || w.cols[i] < 0) w.inside = 0;
  }
  return w;
}

/// The right matrices of all pairs, source by source.
static void make_right(const winograd *g, const ck_band *b, const pair *pairs, long count,
                       float *right) {
  const ck_image_product *p = &g->images;
  long place_step = (g->depth + 1) * 32;
  ck_window windows[2 * MOST_TILES];
  for (long i = 0; i < count; i++)
    for (int v = 0; v < pairs[i].count; v++) windows[2 * i + v] = window_of(g, b, pairs + i, v);
  for (long c = 0; c < p->sources; c++) {
    ck_load_pixels(p, b, c, 1);
    for (long i = 0; i < count; i++)
      for (int v = 0; v < pairs[i].count; v++) {
        float *to = right + i * g->places * place_step + v * 16;
        if (g->same)
          g->kernels->same(windows + 2 * i + v, to + c * 32, place_step);
        else if (g->up)
          g->kernels->up(windows + 2 * i + v, to + c * 32, place_step);
        else
          g->kernels->down(windows + 2 * i + v, to + c * 4 * 32, place_step, 32);
      }
  }
}

/// The products of one pair and row tile for one phase, and their outputs.
static void multiply(const winograd *g, const ck_band *b, const pair *tiles, long phase, long row,
                     long height, const float *left, const float *right, float *products) {
  const ck_image_product *p = &g->images;
  long place_step = (g->depth + 1) * 32;
  for (int place = 0; place < g->products; place++) {
    int i = place / 3, j = place % 3;
    if (!g->same && ((i == 1 && tiles->lone_row) || (j == 1 && tiles->lone_col))) continue;
    long from = g->up ? (phase / 2 * 2 + i) * 5 + phase % 2 * 2 + j : place;
    ck_left weights = {left + place * g->depth * height, height, CK_BY_DEPTH};
    ck_multiply(p->kernels, weights, 0, 0, height, tiles->count, g->depth,
                right + from * place_step, 32, products + place * MOST_ROWS * 32, 32, 0);
  }
  // A step between neighbouring positions of a phase, in pixels of the targets.
  long step = g->up ? 2 : 1;
  ck_outputs o = {
      .products = products, .place_step = MOST_ROWS * 32, .rows = height,
      .vectors = tiles->count, .lone_row = tiles->lone_row, .lone_col = tiles->lone_col,
      .to = b->sums + row * b->sums_step, .row_step = b->sums_step,
      .down = step * p->target_w * IMAGES, .right = step * IMAGES,
  };
  for (int v = 0; v < tiles->count; v++)
    o.tile[v] = ((2 * step * tiles->row[v] - b->row + phase / 2) * p->target_w +
                 2 * step * tiles->col[v] + phase % 2) * IMAGES;
  if (ck_ends_in_tile(p)) {
    o.bias = p->epilogue.bias ? p->epilogue.bias + row : NULL;
    o.relu = p->epilogue.activation == CK_ACTIVATION_RELU;
  }
  if (g->same)
    g->kernels->same_outputs(&o);
  else
    g->kernels->outputs(&o);
}

static void run_band(void *context, long task, int worker) {
  const winograd *g = context;
  const ck_image_product *p = &g->images;
  long first = ck_part(g->tiles_h, g->bands, task % g->bands);
  long end = ck_part(g->tiles_h, g->bands, task % g->bands + 1);
  long target = g->up ? 4 : 2, source = g->up || g->same ? 2 : 4;  // rows of a tile
  ck_band b = {.image = task / g->bands * IMAGES, .row = target * first};
  b.images = ck_min(IMAGES, p->batch - b.image);
  b.rows = ck_min(p->target_h, target * end) - b.row;
  b.low = ck_max(0, source * first - 1);
  b.high = ck_min(p->source_h, source * end + 1);
  b.sums_step = (b.rows * p->target_w | 1) * IMAGES;
  b.pixels = ck_scratch(p->pool, worker, CK_SCRATCH_IMAGE, (b.high - b.low) * p->source_w * IMAGES);
  b.sums = ck_scratch(p->pool, worker, CK_SCRATCH_TILE, p->targets * b.sums_step);

  pair pairs[MOST_TILES];
  long count = make_pairs(g, first, end, pairs), floats = right_floats(g->depth, g->places);
  float *right = ck_scratch(p->pool, worker, CK_SCRATCH_PANEL, count * floats);
  float *products = ck_scratch(p->pool, worker, CK_SCRATCH_LEFT, MOST_PLACES * MOST_ROWS * 32);
  make_right(g, &b, pairs, count, right);
  long tiles = ck_tiles(p->kernels, p->targets);
  for (long t = 0; t < tiles; t++) {
    long row = ck_part(p->targets, tiles, t), height = ck_part(p->targets, tiles, t + 1) - row;
    const float *left = p->w_packed + row * g->phases * g->products * g->depth;
    for (long i = 0; i < count; i++)
      for (long phase = 0; phase < g->phases; phase++)
        multiply(g, &b, pairs + i, phase, row, height, left + phase * g->products * g->depth * height,
                 right + i * floats, products);
  }
  ck_store_sums(p, &b);
}

static void convolve(winograd *g, ck_pool *pool, const ck_epilogue *epilogue) {
  ck_image_product *p = &g->images;
  p->kernels = ck_matrix_of(pool);
  p->conv = ck_conv_current();
  p->pool = pool;
  if (epilogue) p->epilogue = *epilogue;
  p->epilogue.bias_per_row = 1;
  g->kernels = &p->conv->winograd;
  g->phases = g->up ? 4 : 1;
  g->depth = g->up || g->same ? p->sources : 4 * p->sources;
  g->products = g->same ? 16 : 9;
  g->places = g->up ? 25 : g->products;
  g->tiles_h = ck_ceil_div(g->up ? p->source_h : p->target_h, 2);
  g->tiles_w = ck_ceil_div(g->up ? p->source_w : p->target_w, 2);
  long pairs = ck_max(1, BAND / right_floats(g->depth, g->places));
  long rows = ck_max(1, ck_min(2 * pairs, MOST_TILES - 4) / g->tiles_w);
  g->bands = ck_ceil_div(g->tiles_h, rows);
  long groups = ck_ceil_div(p->batch, IMAGES), threads = ck_pool_threads(pool);
  if (threads > 1 && groups * g->bands < 3 * threads)
    g->bands = ck_min(g->tiles_h, ck_ceil_div(3 * threads, groups));
  p->w_packed = ck_scratch(pool, 0, CK_SCRATCH_SHARED,
                           p->targets * g->phases * g->products * g->depth);
  ck_parallel(pool, ck_tiles(p->kernels, p->targets) * 4, pack_weights, g);
  ck_parallel(pool, groups * g->bands, run_band, g);
}

void ck_winograd_forward(ck_pool *pool, const ck_conv2d *s, const float *x, const float *w,
                         float *y, const ck_epilogue *epilogue) {
  winograd g = {.same = is_same(s), .images = {
      .batch = s->batch, .from = x, .w = w, .to = y,
      .sources = s->in_channels, .source_h = s->in_h, .source_w = s->in_w,
      .targets = s->out_channels, .target_h = s->out_h, .target_w = s->out_w,
  }};
  convolve(&g, pool, epilogue);
}

void ck_winograd_backward_input(ck_pool *pool, const ck_conv2d *s, const float *dy, const float *w,
                                float *dx, const ck_epilogue *epilogue) {
  winograd g = {.same = is_same(s), .flipped = 1, .up = !is_same(s), .images = {
      .batch = s->batch, .from = dy, .w = w, .to = dx,
      .sources = s->out_channels, .source_h = s->out_h, .source_w = s->out_w,
      .targets = s->in_channels, .target_h = s->in_h, .target_w = s->in_w,
  }};
  convolve(&g, pool, epilogue);
}
