#include "conv/winograd.h"

#include <stddef.h>

#include "conv/images_private.h"

// Forward and backward input. The lanes are images, as in images.c. Pixels become the right matrices of 9
// (forward) or 25 (backward) products, or of 16 both ways with kernel 3, two tiles side by side: [pair of
// tiles][place][source][tile][16]; weights become the left ones. A place's products are summed over all
// sources.
//
// Either a task is some rows of tiles of 16 images, or a part of a long row, with all targets; or, where the
// weights are larger than the caches and the pixels of an image are not, it is some targets with all tiles of
// many images, so that the weights come from memory once for these and become left matrices on the way. The sums
// are the same.

enum {
  MOST_TILES = 64,
  LEAST_CHANNELS = 16,
  BAND = 160 * 1024,     // floats of the right matrices of a task, for a second cache of 1 MB
  MOST_BAND = 6 * BAND,  // where a row of tiles has more, it is cut
  MOST_PLACES = 16,
  LARGE_WEIGHTS = 4 << 20,  // floats of the left matrices that no cache keeps
  FEW_PIXELS = 6 << 20,     // floats of the right matrices that a third cache does
  LEFT = 128 * 1024,        // floats of the left matrices of a task
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
  int by_targets;             // how tasks are made
  long bands, segments;       // of all rows, and of a row
  long tiles_in_line, lines;  // cache lines of a row of targets
  // By targets: pairs of an image; groups of 16 images whose right matrices are there, and those.
  long pairs, first_group, groups;
  float *right;
} winograd;

/// Links of a product that so many sources have.
static long depth_of(const winograd *g, long sources) {
  return g->up || g->same ? sources : 4 * sources;
}

/// One or two tiles of a band that are lone in the same way.
typedef struct pair {
  int count, lone_row, lone_col;
  long row[2], col[2];
} pair;

/// Floats of the right matrices of a pair, and of the left matrices of all targets.
static long right_floats(const winograd *g) { return g->places * (g->depth + 1) * 32; }
static long left_floats(const winograd *g) {
  return g->images.targets * g->phases * g->products * g->depth;
}

/// Sizes that follow from the shape. Returns whether the shape is taken.
static int measure(winograd *g) {
  const ck_image_product *p = &g->images;
  g->phases = g->up ? 4 : 1;
  g->depth = depth_of(g, p->sources);
  g->products = g->same ? 16 : 9;
  g->places = g->up ? 25 : g->products;
  g->tiles_h = ck_ceil_div(g->up ? p->source_h : p->target_h, 2);
  g->tiles_w = ck_ceil_div(g->up ? p->source_w : p->target_w, 2);
  long tiles = g->tiles_h * g->tiles_w, floats = ck_ceil_div(tiles, 2) * right_floats(g);
  int fits = right_floats(g) <= MOST_BAND;
  int few = left_floats(g) >= LARGE_WEIGHTS && tiles <= MOST_TILES - 4 && floats <= FEW_PIXELS;
  // Of many images weights are read often enough as they are packed: by targets 512 channels at 4×4 take 1.3 times
  // as long with a batch of 128, 0.5 to 0.8 times with one of 16.
  g->by_targets = few && (!fits || ck_ceil_div(p->batch, IMAGES) * floats <= FEW_PIXELS);
  return few || fits;
}

static int is_same(const ck_conv2d *s) {
  return s->kernel_h == 3 && s->kernel_w == 3 && s->stride_h == 1 && s->stride_w == 1 &&
         s->pad_h == 1 && s->pad_w == 1 && s->in_h == s->out_h && s->in_w == s->out_w;
}

static int is_halving(const ck_conv2d *s) {
  return s->kernel_h == 4 && s->kernel_w == 4 && s->stride_h == 2 && s->stride_w == 2 &&
         s->pad_h == 1 && s->pad_w == 1 && s->in_h == 2 * s->out_h && s->in_w == 2 * s->out_w;
}

int ck_winograd_suits(const ck_conv2d *s) {
  int same = is_same(s);
  if (!same && !is_halving(s)) return 0;
  if (s->batch < IMAGES / 2 || s->out_h < 2 || s->out_w < 2) return 0;
  if (ck_min(s->in_channels, s->out_channels) < LEAST_CHANNELS) return 0;
  winograd forward = {.same = same, .images = {
      .batch = s->batch, .sources = s->in_channels, .targets = s->out_channels,
      .target_h = s->out_h, .target_w = s->out_w,
  }};
  winograd backward = {.same = same, .up = !same, .images = {
      .batch = s->batch, .sources = s->out_channels, .targets = s->in_channels,
      .source_h = s->out_h, .source_w = s->out_w, .target_h = s->in_h, .target_w = s->in_w,
  }};
  return measure(&forward) && measure(&backward);
}

/// Left matrices of sources first ..< end for one row tile, among those of `sources` sources that begin with
/// the first: [phase of the targets][place][source][row].
static void transform_weights(const winograd *g, long row, long height, long first, long end,
                              long sources, float *left) {
  const ck_image_product *p = &g->images;
  long size = g->same ? 9 : 16, place_step = depth_of(g, sources) * height;
  for (long c = first; c < end; c++) {
    float taps[16 * 16], *to = left + depth_of(g, c - first) * height;
    if (g->flipped)
      p->kernels->transpose(p->w + (c * p->targets + row) * size, size, height, size, taps, 16, 1);
    else
      p->kernels->transpose(p->w + (row * p->sources + c) * size, size * p->sources, height, size,
                            taps, 16, 1);
    if (g->same)
      g->kernels->same_weights(taps, g->flipped, (int)height, to, place_step);
    else if (g->up)
      g->kernels->weights(taps, 1, (int)height, to, place_step, g->products * place_step);
    else
      g->kernels->weights(taps, 0, (int)height, to, place_step, height);
  }
}

/// The tiles of some rows and columns, those lone in the same way together. Returns the number of pairs.
static long make_pairs(const winograd *g, long first, long end, long first_col, long end_col,
                       pair *pairs) {
  long small_h = g->up ? g->images.source_h : g->images.target_h;
  long small_w = g->up ? g->images.source_w : g->images.target_w;
  long count = 0;
  for (int lone_row = 0; lone_row < 2; lone_row++)
    for (int lone_col = 0; lone_col < 2; lone_col++) {
      pair *last = NULL;
      for (long row = first; row < end; row++)
        for (long col = first_col; col < end_col; col++) {
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
      w.rows[i] = b->pixels + (row - b->low) * (b->right - b->left) * IMAGES;
    w.cols[i] = col >= 0 && col < p->source_w ? (int32_t)((col - b->left) * IMAGES) : -1;
    if (!w.rows[i] || w.cols[i] < 0) w.inside = 0;
  }
  return w;
}

/// The right matrices of all pairs, of sources first ..< end.
static void make_right(const winograd *g, const ck_band *b, const pair *pairs, long count,
                       long first, long end, float *right) {
  const ck_image_product *p = &g->images;
  long place_step = (g->depth + 1) * 32;
  ck_window windows[2 * MOST_TILES];
  for (long i = 0; i < count; i++)
    for (int v = 0; v < pairs[i].count; v++) windows[2 * i + v] = window_of(g, b, pairs + i, v);
  for (long c = first; c < end; c++) {
    ck_load_pixels(p, b, c, 1);
    for (long i = 0; i < count; i++)
      for (int v = 0; v < pairs[i].count; v++) {
        float *to = right + i * g->places * place_step + depth_of(g, c) * 32 + v * 16;
        if (g->same)
          g->kernels->same(windows + 2 * i + v, to, place_step);
        else if (g->up)
          g->kernels->up(windows + 2 * i + v, to, place_step);
        else
          g->kernels->down(windows + 2 * i + v, to, place_step, 32);
      }
  }
}

/// The products of one pair and row tile for one phase, of sources `first` and as many as `left` has.
static void multiply(const winograd *g, const pair *tiles, long phase, long height,
                     const float *left, long first, long sources, const float *right,
                     float *products) {
  long place_step = (g->depth + 1) * 32, depth = depth_of(g, sources);
  left += phase * g->products * depth * height;
  right += depth_of(g, first) * 32;
  for (int place = 0; place < g->products; place++) {
    int i = place / 3, j = place % 3;
    if (!g->same && ((i == 1 && tiles->lone_row) || (j == 1 && tiles->lone_col))) continue;
    long from = g->up ? (phase / 2 * 2 + i) * 5 + phase % 2 * 2 + j : place;
    ck_left weights = {left + place * depth * height, height, CK_BY_DEPTH};
    ck_multiply(g->images.kernels, weights, 0, 0, height, tiles->count, depth,
                right + from * place_step, 32, products + place * MOST_ROWS * 32, 32, first > 0);
  }
}

/// What they become: targets row ..< row + height, the first of which is at `to`.
static void end_products(const winograd *g, const ck_band *b, const pair *tiles, long phase,
                         long row, long height, const float *products, float *to) {
  const ck_image_product *p = &g->images;
  // A step between neighbouring positions of a phase, in pixels of the targets.
  long step = g->up ? 2 : 1;
  ck_outputs o = {
      .products = products, .place_step = MOST_ROWS * 32, .rows = height,
      .vectors = tiles->count, .lone_row = tiles->lone_row, .lone_col = tiles->lone_col,
      .to = to, .row_step = b->sums_step,
      .down = step * b->cols * IMAGES, .right = step * IMAGES,
  };
  for (int v = 0; v < tiles->count; v++)
    o.tile[v] = ((2 * step * tiles->row[v] - b->row + phase / 2) * b->cols +
                 2 * step * tiles->col[v] - b->col + phase % 2) * IMAGES;
  if (ck_ends_in_tile(p)) {
    o.bias = p->epilogue.bias ? p->epilogue.bias + row : NULL;
    o.relu = p->epilogue.activation == CK_ACTIVATION_RELU;
  }
  if (g->same)
    g->kernels->same_outputs(&o);
  else
    g->kernels->outputs(&o);
}

enum { SOURCE_PARTS = 4 };

/// A task that transforms the weights of some sources to one row tile.
static void pack_weights(void *context, long task, int worker) {
  (void)worker;
  const winograd *g = context;
  const ck_image_product *p = &g->images;
  long tiles = ck_tiles(p->kernels, p->targets), tile = task / SOURCE_PARTS;
  long row = ck_part(p->targets, tiles, tile), height = ck_part(p->targets, tiles, tile + 1) - row;
  long first = ck_part(p->sources, SOURCE_PARTS, task % SOURCE_PARTS);
  long end = ck_part(p->sources, SOURCE_PARTS, task % SOURCE_PARTS + 1);
  float *left = p->w_packed + row * g->phases * g->products * g->depth;
  transform_weights(g, row, height, first, end, p->sources, left + depth_of(g, first) * height);
}

static void run_band(void *context, long task, int worker) {
  const winograd *g = context;
  const ck_image_product *p = &g->images;
  long segment = task % g->segments, band = task / g->segments % g->bands;
  long first = ck_part(g->tiles_h, g->bands, band), end = ck_part(g->tiles_h, g->bands, band + 1);
  long first_col = g->tiles_in_line * ck_part(g->lines, g->segments, segment);
  long end_col = ck_min(g->tiles_w, g->tiles_in_line * ck_part(g->lines, g->segments, segment + 1));
  long target = g->up ? 4 : 2, source = g->up || g->same ? 2 : 4;  // rows and columns of a tile
  ck_band b = {.image = task / g->segments / g->bands * IMAGES,
               .row = target * first,
               .col = target * first_col,
               .targets = p->targets};
  b.images = ck_min(IMAGES, p->batch - b.image);
  b.rows = ck_min(p->target_h, target * end) - b.row;
  b.cols = ck_min(p->target_w, target * end_col) - b.col;
  b.low = ck_max(0, source * first - 1);
  b.high = ck_min(p->source_h, source * end + 1);
  b.left = ck_max(0, source * first_col - 1);
  b.right = ck_min(p->source_w, source * end_col + 1);
  b.sums_step = (b.rows * b.cols | 1) * IMAGES;
  b.pixels = ck_scratch(p->pool, worker, CK_SCRATCH_IMAGE,
                        (b.high - b.low) * (b.right - b.left) * IMAGES);
  b.sums = ck_scratch(p->pool, worker, CK_SCRATCH_TILE, p->targets * b.sums_step);

  pair pairs[MOST_TILES];
  long count = make_pairs(g, first, end, first_col, end_col, pairs);
  long floats = right_floats(g);
  float *right = ck_scratch(p->pool, worker, CK_SCRATCH_PANEL, count * floats);
  float *products = ck_scratch(p->pool, worker, CK_SCRATCH_LEFT, MOST_PLACES * MOST_ROWS * 32);
  make_right(g, &b, pairs, count, 0, p->sources, right);
  long tiles = ck_tiles(p->kernels, p->targets);
  for (long t = 0; t < tiles; t++) {
    long row = ck_part(p->targets, tiles, t), height = ck_part(p->targets, tiles, t + 1) - row;
    const float *left = p->w_packed + row * g->phases * g->products * g->depth;
    for (long i = 0; i < count; i++)
      for (long phase = 0; phase < g->phases; phase++) {
        multiply(g, pairs + i, phase, height, left, 0, p->sources, right + i * floats, products);
        end_products(g, &b, pairs + i, phase, row, height, products, b.sums + row * b.sums_step);
      }
  }
  ck_store_sums(p, &b);
}

/// All of 16 images.
static ck_band whole_images(const winograd *g, long group) {
  const ck_image_product *p = &g->images;
  ck_band b = {.image = group * IMAGES, .rows = p->target_h, .cols = p->target_w,
               .high = p->source_h, .right = p->source_w};
  b.images = ck_min(IMAGES, p->batch - b.image);
  b.sums_step = (b.rows * b.cols | 1) * IMAGES;
  return b;
}

/// A task that makes the right matrices of some sources of 16 images.
static void run_pixels(void *context, long task, int worker) {
  const winograd *g = context;
  const ck_image_product *p = &g->images;
  long group = task / SOURCE_PARTS;
  ck_band b = whole_images(g, g->first_group + group);
  b.pixels = ck_scratch(p->pool, worker, CK_SCRATCH_IMAGE, p->source_h * p->source_w * IMAGES);
  pair pairs[MOST_TILES];
  long count = make_pairs(g, 0, g->tiles_h, 0, g->tiles_w, pairs), part = task % SOURCE_PARTS;
  make_right(g, &b, pairs, count, ck_part(p->sources, SOURCE_PARTS, part),
             ck_part(p->sources, SOURCE_PARTS, part + 1),
             g->right + group * g->pairs * right_floats(g));
}

/// A task that computes one row tile of these images.
static void run_targets(void *context, long task, int worker) {
  const winograd *g = context;
  const ck_image_product *p = &g->images;
  long tiles = ck_tiles(p->kernels, p->targets), row = ck_part(p->targets, tiles, task);
  long height = ck_part(p->targets, tiles, task + 1) - row;
  long floats = right_floats(g);
  long of_source = g->phases * g->products * depth_of(g, 1) * MOST_ROWS;
  long of_phase = MOST_PLACES * MOST_ROWS * 32, parts = ck_ceil_div(p->sources * of_source, LEFT);
  float *left = ck_scratch(p->pool, worker, CK_SCRATCH_LEFT,
                           ck_ceil_div(p->sources, parts) * of_source);
  float *products = ck_scratch(p->pool, worker, CK_SCRATCH_PANEL,
                               g->groups * g->pairs * g->phases * of_phase);
  pair pairs[MOST_TILES];
  make_pairs(g, 0, g->tiles_h, 0, g->tiles_w, pairs);
  for (long part = 0; part < parts; part++) {
    long first = ck_part(p->sources, parts, part), end = ck_part(p->sources, parts, part + 1);
    transform_weights(g, row, height, first, end, end - first, left);
    for (long phase = 0; phase < g->phases; phase++)
      for (long i = 0; i < g->groups * g->pairs; i++)
        multiply(g, pairs + i % g->pairs, phase, height, left, first, end - first,
                 g->right + i * floats, products + (i * g->phases + phase) * of_phase);
  }
  for (long group = 0; group < g->groups; group++) {
    ck_band b = whole_images(g, g->first_group + group);
    b.target = row, b.targets = height;
    b.sums = ck_scratch(p->pool, worker, CK_SCRATCH_TILE, height * b.sums_step);
    for (long i = 0; i < g->pairs; i++)
      for (long phase = 0; phase < g->phases; phase++)
        end_products(g, &b, pairs + i, phase, row, height,
                     products + ((group * g->pairs + i) * g->phases + phase) * of_phase, b.sums);
    ck_store_sums(p, &b);
  }
}

static void cut_bands(winograd *g) {
  const ck_image_product *p = &g->images;
  long floats = right_floats(g), pairs = ck_max(1, BAND / floats);
  // A long row of tiles is cut, between cache lines of the targets.
  long most = ck_min(2 * (MOST_BAND / floats), MOST_TILES - 4);
  g->tiles_in_line = ck_min(most, g->up ? 4 : 8);
  g->lines = ck_ceil_div(g->tiles_w, g->tiles_in_line);
  g->segments = g->tiles_w <= most ? 1 : ck_ceil_div(g->lines, most / g->tiles_in_line);
  long cols = ck_min(g->tiles_w, g->tiles_in_line * ck_ceil_div(g->lines, g->segments));
  g->bands = ck_ceil_div(g->tiles_h, ck_max(1, ck_min(2 * pairs, MOST_TILES - 4) / cols));
  long rows = ck_ceil_div(p->batch, IMAGES) * g->segments, threads = ck_pool_threads(p->pool);
  if (threads > 1 && rows * g->bands < 3 * threads)
    g->bands = ck_min(g->tiles_h, ck_ceil_div(3 * threads, rows));
}

static void convolve(winograd *g, ck_pool *pool, const ck_epilogue *epilogue) {
  ck_image_product *p = &g->images;
  p->kernels = ck_matrix_current();
  p->conv = ck_conv_current();
  p->pool = pool;
  if (epilogue) p->epilogue = *epilogue;
  p->epilogue.bias_per_row = 1;
  g->kernels = &p->conv->winograd;
  measure(g);
  long tiles = ck_tiles(p->kernels, p->targets), groups = ck_ceil_div(p->batch, IMAGES);
  if (g->by_targets) {
    pair pairs[MOST_TILES];
    g->pairs = make_pairs(g, 0, g->tiles_h, 0, g->tiles_w, pairs);
    long floats = g->pairs * right_floats(g);
    long most = ck_min(groups, ck_max(1, FEW_PIXELS / floats));
    g->right = ck_scratch(pool, 0, CK_SCRATCH_SHARED, most * floats);
    for (; g->first_group < groups; g->first_group += g->groups) {
      g->groups = ck_min(most, groups - g->first_group);
      ck_parallel(pool, g->groups * SOURCE_PARTS, run_pixels, g);
      ck_parallel(pool, tiles, run_targets, g);
    }
    return;
  }
  cut_bands(g);
  p->w_packed = ck_scratch(pool, 0, CK_SCRATCH_SHARED, left_floats(g));
  ck_parallel(pool, tiles * SOURCE_PARTS, pack_weights, g);
  ck_parallel(pool, groups * g->bands * g->segments, run_band, g);
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
