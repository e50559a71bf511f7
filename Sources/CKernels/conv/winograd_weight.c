#include <string.h>

#include "conv/images_private.h"
#include "conv/winograd.h"

// The gradient of the weights: for each of 9 places and 4 phases, or with kernel 3 of 16 places, [in_channel,
// out_channel] is the product of the transformed pixels of x and the transformed dy, summed over images and
// tiles.
//
// The lanes are channels, as in conv_backward_weight.c, and so are the chunks: a small dw is summed
// in at most MOST_CHUNKS chunks of images, each of which transforms its own dy. For a large one dy
// is transformed beforehand, once for all tasks, and each unit of in_channels is summed over all images at
// once, so that its sums stay in a cache. A block is a few images, or some rows of tiles of one; within it the
// tiles that are lone in the same way lie together: the products leave out what they do not take part in.

enum {
  CLASSES = 4,  // lone row · 2 + lone column; with kernel 3 all are the first
  PANEL = 32,
  LANES = 16,  // in_channels of a unit
  FAR = 128,   // tiles of a block: a place's of a unit and a panel lie in the first cache
  MOST_TILES = 512,  // of an image that cannot be cut
  MOST_CHUNKS = 16,
  CHUNKED_WEIGHTS = 65536,
  // Where the sums are more than this, so many tiles must share them.
  MANY_SUMS = 4 << 20,
  LEAST_TILES = 64,
};

typedef struct tile {
  int32_t row, col;
} tile;

typedef struct gradient {
  const ck_matrix_kernels *matrix;
  const ck_winograd_kernels *kernels;
  ck_pool *pool;
  const ck_conv2d *shape;
  const float *dy, *x;
  float *dw;
  int same;  // kernel 3
  long places, phases;
  long tiles, class_tiles[CLASSES];  // of an image
  tile *order;                       // class by class
  long columns, panels;              // out_channels, rounded up to whole vectors; of PANEL
  long block, bands;                 // images of a block; or blocks of an image
  long chunks, units, parts;         // tasks: chunks of images × parts of the units
  float *transformed;                // dy
  float *sums;                       // [chunk][in_channel][place][phase][columns]; none if transformed
} gradient;

/// Some images, and of each the tiles of some rows of tiles.
typedef struct block {
  long image, images, row, rows, tile, tiles;
} block;

/// Block `number` of images begin ..< end.
static block block_of(const gradient *g, long begin, long end, long number) {
  long all = ck_ceil_div(g->shape->out_h, 2), cols = ck_ceil_div(g->shape->out_w, 2);
  long band = number % g->bands;
  block b = {.image = begin + number / g->bands * g->block, .row = ck_part(all, g->bands, band)};
  b.images = ck_min(g->block, end - b.image);
  b.rows = ck_part(all, g->bands, band + 1) - b.row;
  b.tile = b.row * cols, b.tiles = b.rows * cols;
  return b;
}

static long blocks_of(const gradient *g, long images) {
  return ck_ceil_div(images, g->block) * g->bands;
}

/// How many tiles of a class an image has in a block: an image that is cut has only the first class.
static long class_tiles(const gradient *g, const block *b, long class) {
  return g->bands > 1 ? class == 0 ? b->tiles : 0 : g->class_tiles[class];
}

static long panel_width(const gradient *g, long panel) {
  return ck_min(PANEL, g->columns - panel * PANEL);
}

static int lone_row(const gradient *g, long t) { return 2 * g->order[t].row + 2 > g->shape->out_h; }
static int lone_col(const gradient *g, long t) { return 2 * g->order[t].col + 2 > g->shape->out_w; }

/// Transforms image `n` of a block of dy to [panel][place][slot][channels of the panel].
static void transform_dy(const gradient *g, const block *b, long n, float *to, int worker) {
  const ck_conv2d *s = g->shape;
  long area = s->out_h * s->out_w, first = 2 * b->row * s->out_w;
  long count = ck_min(2 * (b->row + b->rows), s->out_h) * s->out_w - first;
  float *positions = ck_scratch(g->pool, worker, CK_SCRATCH_IMAGE, count * PANEL);
  for (long panel = 0; panel < g->panels; panel++) {
    long width = panel_width(g, panel), slots = b->images * b->tiles;
    g->matrix->transpose(
        g->dy + ((b->image + n) * s->out_channels + panel * PANEL) * area + first, area,
        ck_min(PANEL, s->out_channels - panel * PANEL), count, positions, width, 1);
    for (long class = 0, t = 0, end = 0; class < CLASSES; class++) {
      long of_image = class_tiles(g, b, class);
      float *place = to + (t * b->images + n * of_image) * width;
      for (end += of_image; t < end; t++, place += width) {
        const tile *at = g->order + b->tile + t;
        const float *from =
            positions + (2 * at->row * s->out_w + 2 * at->col - first) * width;
        for (long v = 0; v < width; v += 16)
          (g->same ? g->kernels->same_gradients : g->kernels->gradients)(
              from + v, s->out_w * width, width, lone_row(g, b->tile + t),
              lone_col(g, b->tile + t), place + v, slots * width);
      }
    }
    to += g->places * slots * width;
  }
}

/// Where a block of dy is transformed to.
static float *transformed_block(const gradient *g, const block *b) {
  return g->transformed + (b->image * g->tiles + b->tile) * g->places * g->columns;
}

static void transform_task(void *context, long task, int worker) {
  const gradient *g = context;
  block b = block_of(g, 0, g->shape->batch, task);
  for (long n = 0; n < b.images; n++) transform_dy(g, &b, n, transformed_block(g, &b), worker);
}

/// The rows of x that a block's tiles see.
static long first_source_row(const gradient *g, const block *b) {
  return ck_max(0, (g->same ? 2 : 4) * b->row - 1);
}
static long end_source_row(const gradient *g, const block *b) {
  return ck_min(g->shape->in_h, (g->same ? 2 : 4) * (b->row + b->rows) + 1);
}

/// What each tile of a block sees of the image whose needed rows are at `pixels` as vectors.
static void make_windows(const gradient *g, const block *b, const float *pixels,
                         ck_window *windows) {
  const ck_conv2d *s = g->shape;
  long low = first_source_row(g, b);
  for (long t = 0; t < b->tiles; t++) {
    long at = b->tile + t;
    ck_window w = {.inside = 1, .lone_row = lone_row(g, at), .lone_col = lone_col(g, at)};
    long side = g->same ? 4 : 6, step = side - 2;
    for (long i = 0; i < side; i++) {
      long row = step * g->order[at].row - 1 + i, col = step * g->order[at].col - 1 + i;
      if (row >= 0 && row < s->in_h) w.rows[i] = pixels + (row - low) * s->in_w * LANES;
      w.cols[i] = col >= 0 && col < s->in_w ? (int32_t)(col * LANES) : -1;
      if (!w.rows[i] || w.cols[i] < 0) w.inside = 0;
    }
    windows[t] = w;
  }
}

static int takes_part(const gradient *g, long class, long place) {
  return g->same || !(class / 2 && place / 3 == 1) && !(class % 2 && place % 3 == 1);
}

/// Adds the products of those tiles of a block that take part in the place, for one phase.
static void multiply_place(const gradient *g, const block *b, long place, long height, long width,
                           const float *x, const float *dy, float *c, int from_c) {
  long begin = 0, end = 0;
  for (long class = 0; class <= CLASSES; class++) {
    long tiles = class < CLASSES ? b->images * class_tiles(g, b, class) : 0;
    if (class < CLASSES && takes_part(g, class, place)) {
      end += tiles;
      continue;
    }
    if (end > begin) {  // so there is a first time: the tiles that are not lone
      ck_left left = {x + begin * LANES, LANES, CK_BY_DEPTH};
      ck_multiply(g->matrix, left, 0, 0, height, (int)(width / 16), end - begin,
                  dy + begin * width, width, c, g->places * g->phases * g->columns, from_c);
      from_c = 1;
    }
    begin = end += tiles;
  }
}

/// Adds the products of a block for `height` in_channels, the first of which has its sums at `sums`.
static void multiply(const gradient *g, const block *b, long height, const float *x,
                     const float *dy, float *sums, int from_sums) {
  long slots = b->images * b->tiles;
  for (long panel = 0; panel < g->panels; panel++) {
    long width = panel_width(g, panel);
    for (long place = 0; place < g->places; place++, dy += slots * width)
      for (long phase = 0; phase < g->phases; phase++)
        multiply_place(g, b, place, height, width, x + (g->phases * place + phase) * slots * LANES,
                       dy, sums + (g->phases * place + phase) * g->columns + panel * PANEL,
                       from_sums);
  }
}

/// Transforms in_channels first ..< first + height of a block of x to [place][phase][slot][16].
static void transform_x(const gradient *g, const block *b, long first, long height,
                        const ck_window *windows, float *pixels, float *x) {
  const ck_conv2d *s = g->shape;
  long area = s->in_h * s->in_w, slots = b->images * b->tiles;
  long low = first_source_row(g, b) * s->in_w, count = end_source_row(g, b) * s->in_w - low;
  for (long n = 0; n < b->images; n++) {
    g->matrix->transpose(g->x + ((b->image + n) * s->in_channels + first) * area + low, area,
                         height, count, pixels, LANES, 1);
    for (long class = 0, t = 0, end = 0; class < CLASSES; class++) {
      long of_image = class_tiles(g, b, class);
      float *to = x + (t * b->images + n * of_image) * LANES;
      for (end += of_image; t < end; t++, to += LANES)
        if (g->same)
          g->kernels->same(windows + t, to, slots * LANES);
        else
          g->kernels->down(windows + t, to, g->phases * slots * LANES, slots * LANES);
    }
  }
}

/// A worker's memory.
typedef struct memory {
  float *x, *pixels;
  ck_window *windows;
} memory;

static memory memory_of(const gradient *g, int worker) {
  const ck_conv2d *s = g->shape;
  long rows = ck_ceil_div(ck_ceil_div(s->out_h, 2), g->bands);
  long tiles = rows * ck_ceil_div(s->out_w, 2), size = (long)(sizeof(ck_window) / sizeof(float));
  long source_rows = ck_min(s->in_h, (g->same ? 2 : 4) * rows + 2);
  return (memory){
      ck_scratch(g->pool, worker, CK_SCRATCH_PANEL,
                 g->block * tiles * g->places * g->phases * LANES),
      ck_scratch(g->pool, worker, CK_SCRATCH_ROWS, source_rows * s->in_w * LANES),
      (ck_window *)ck_scratch(g->pool, worker, CK_SCRATCH_TILE, tiles * size),
  };
}

/// The weights of one in_channel, whose sums of the first chunk are at `sums`.
static void finish(const gradient *g, long channel, const float *sums) {
  const ck_conv2d *s = g->shape;
  long floats = g->places * g->phases * g->columns;  // of an in_channel's sums
  for (long c = 0; c < s->out_channels; c += 16) {
    float taps[16 * 16];
    (g->same ? g->kernels->same_taps : g->kernels->taps)(sums + c, g->columns, g->chunks,
                                                         s->in_channels * floats, taps);
    long size = g->same ? 9 : 16;
    g->matrix->transpose(taps, 16, size, ck_min(16, s->out_channels - c),
                         g->dw + (c * s->in_channels + channel) * size, s->in_channels * size, 0);
  }
}

/// A task that sums a chunk of images for some units.
static void run_chunk(void *context, long task, int worker) {
  const gradient *g = context;
  const ck_conv2d *s = g->shape;
  long chunk = task / g->parts, part = task % g->parts;
  long image = ck_part(s->batch, g->chunks, chunk), end = ck_part(s->batch, g->chunks, chunk + 1);
  long floats = g->places * g->phases * g->columns, blocks = blocks_of(g, end - image);
  float *sums = g->sums + chunk * s->in_channels * floats;
  memory m = memory_of(g, worker);
  block largest = block_of(g, image, end, 0);
  float *dy = ck_scratch(g->pool, worker, CK_SCRATCH_LEFT,
                         largest.images * largest.tiles * g->places * g->columns);
  for (long i = 0; i < blocks; i++) {
    block b = block_of(g, image, end, i);
    make_windows(g, &b, m.pixels, m.windows);
    for (long n = 0; n < b.images; n++) transform_dy(g, &b, n, dy, worker);
    long last = ck_part(g->units, g->parts, part + 1);
    for (long u = ck_part(g->units, g->parts, part); u < last; u++) {
      long first = u * LANES, height = ck_min(LANES, s->in_channels - first);
      transform_x(g, &b, first, height, m.windows, m.pixels, m.x);
      multiply(g, &b, height, m.x, dy, sums + first * floats, i > 0);
    }
  }
}

static void finish_task(void *context, long channel, int worker) {
  (void)worker;
  const gradient *g = context;
  finish(g, channel, g->sums + channel * g->places * g->phases * g->columns);
}

/// A task that computes the weights of a unit, with dy that was transformed beforehand.
static void run_unit(void *context, long unit, int worker) {
  const gradient *g = context;
  const ck_conv2d *s = g->shape;
  long first = unit * LANES, height = ck_min(LANES, s->in_channels - first);
  long floats = g->places * g->phases * g->columns, blocks = blocks_of(g, s->batch);
  memory m = memory_of(g, worker);
  float *sums = ck_scratch(g->pool, worker, CK_SCRATCH_LEFT, LANES * floats);
  for (long i = 0; i < blocks; i++) {
    block b = block_of(g, 0, s->batch, i);
    make_windows(g, &b, m.pixels, m.windows);
    transform_x(g, &b, first, height, m.windows, m.pixels, m.x);
    multiply(g, &b, height, m.x, transformed_block(g, &b), sums, i > 0);
  }
  for (long c = 0; c < height; c++) finish(g, first + c, sums + c * floats);
}

static void order_tiles(gradient *g) {
  long rows = ck_ceil_div(g->shape->out_h, 2), cols = ck_ceil_div(g->shape->out_w, 2), count = 0;
  for (long class = 0; class < CLASSES; class++) {
    long before = count;
    for (long i = 0; i < rows * cols; i++) {
      g->order[count] = (tile){(int32_t)(i / cols), (int32_t)(i % cols)};
      long own = g->same ? 0 : 2 * lone_row(g, count) + lone_col(g, count);
      count += own == class;
    }
    g->class_tiles[class] = count - before;
  }
}

/// Whether the rows of tiles of an image can be cut into bands: no tile is lone, or none counts as such.
static int can_be_cut(const ck_conv2d *s) {
  return s->kernel_h == 3 || (s->out_h % 2 == 0 && s->out_w % 2 == 0);
}

int ck_winograd_suits_weight(const ck_conv2d *s) {
  // At 7×7 a quarter of the tiles' positions lie outside, and kernel 4's gain is lost.
  long positions = ck_round_up(s->out_h, 2) * ck_round_up(s->out_w, 2), area = s->out_h * s->out_w;
  int is_full = s->kernel_h == 3 ? positions * 2 <= area * 3 : positions * 4 <= area * 5;
  long tiles = positions / 4;
  long sums = (s->kernel_h == 3 ? 16 : 36) * s->in_channels * ck_round_up(s->out_channels, 16);
  return ck_winograd_suits(s) && is_full && (tiles <= MOST_TILES || can_be_cut(s)) &&
         (sums <= MANY_SUMS || s->batch * tiles >= LEAST_TILES);
}

void ck_winograd_backward_weight(ck_pool *pool, const ck_conv2d *s, const float *dy,
                                 const float *x, float *dw) {
  const ck_matrix_kernels *matrix = ck_matrix_current();
  gradient g = {
      .matrix = matrix, .kernels = &ck_conv_current()->winograd, .pool = pool, .shape = s,
      .dy = dy, .x = x, .dw = dw,
      .same = s->kernel_h == 3,
      .tiles = ck_ceil_div(s->out_h, 2) * ck_ceil_div(s->out_w, 2),
      .columns = ck_round_up(s->out_channels, 16),
      .units = ck_ceil_div(s->in_channels, LANES),
      .chunks = 1,
  };
  g.places = g.same ? 16 : 9;
  g.phases = g.same ? 1 : 4;
  g.panels = ck_ceil_div(g.columns, PANEL);
  g.order = (tile *)ck_scratch(pool, 0, CK_SCRATCH_TABLE, (g.tiles + 1) * 2);
  order_tiles(&g);
  g.block = ck_max(1, ck_min(s->batch, FAR / g.tiles));
  g.bands = 1;
  if (g.tiles > FAR && can_be_cut(s))
    g.bands = ck_min(ck_ceil_div(s->out_h, 2), ck_ceil_div(g.tiles, FAR));
  if (s->in_channels * s->out_channels * s->kernel_h * s->kernel_w > CHUNKED_WEIGHTS) {
    g.transformed =
        ck_scratch(pool, 0, CK_SCRATCH_SHARED, s->batch * g.tiles * g.places * g.columns);
    ck_parallel(pool, blocks_of(&g, s->batch), transform_task, &g);
    ck_parallel(pool, g.units, run_unit, &g);
    return;
  }
  g.chunks = ck_min(s->batch, MOST_CHUNKS);
  // The parts of a chunk transform the same dy again.
  g.parts = ck_min(g.units, ck_ceil_div(2 * ck_pool_threads(pool), g.chunks));
  g.sums = ck_scratch(pool, 0, CK_SCRATCH_PARTIAL,
                      g.chunks * g.places * g.phases * s->in_channels * g.columns);
  ck_parallel(pool, g.chunks * g.parts, run_chunk, &g);
  ck_parallel(pool, s->in_channels, finish_task, &g);
}
