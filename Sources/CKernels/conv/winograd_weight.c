#include <string.h>

#include "conv/images_private.h"
#include "conv/winograd.h"

// The gradient of the weights: for each of 9 places and 4 phases, or with kernel 3 of 16 places, [in_channel,
// out_channel] is the product of the transformed pixels of x and the transformed dy, summed over images and
// tiles.
//
// The lanes are channels, as in conv_backward_weight.c, and so are the chunks: a small dw is summed
// in at most MOST_CHUNKS chunks of images, each of which transforms its own dy; for a large one dy
// is transformed beforehand, once for all tasks. Within a block of images the tiles that are lone
// in the same way lie together: the products leave out what they do not take part in.

enum {
  CLASSES = 4,  // lone row · 2 + lone column; with kernel 3 all are the first
  PANEL = 32,
  LANES = 16,  // in_channels of a unit
  FAR = 128,   // tiles of a block: a place's of a unit and a panel lie in the first cache
  MOST_TILES = 512,
  MOST_CHUNKS = 16,
  CHUNKED_WEIGHTS = 65536,
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
  long block;                        // images of a block
  long chunks, units, parts;         // tasks: chunks of images × parts of the units
  float *transformed;                // dy
  float *sums;                       // [chunk][in_channel][place][phase][columns]
} gradient;

static long panel_width(const gradient *g, long panel) {
  return ck_min(PANEL, g->columns - panel * PANEL);
}

static int lone_row(const gradient *g, long t) { return 2 * g->order[t].row + 2 > g->shape->out_h; }
static int lone_col(const gradient *g, long t) { return 2 * g->order[t].col + 2 > g->shape->out_w; }

/// Transforms image `n` of a block, which is image `image` of dy, to [panel][place][slot][channels
/// of the panel].
static void transform_dy(const gradient *g, long images, long n, long image, float *to,
                         int worker) {
  const ck_conv2d *s = g->shape;
  long area = s->out_h * s->out_w;
  float *positions = ck_scratch(g->pool, worker, CK_SCRATCH_IMAGE, area * PANEL);
  for (long panel = 0; panel < g->panels; panel++) {
    long width = panel_width(g, panel), slots = images * g->tiles;
    g->matrix->transpose(g->dy + (image * s->out_channels + panel * PANEL) * area, area,
                         ck_min(PANEL, s->out_channels - panel * PANEL), area, positions, width, 1);
    for (long class = 0, t = 0, end = 0; class < CLASSES; class++) {
      float *place = to + (t * images + n * g->class_tiles[class]) * width;
      for (end += g->class_tiles[class]; t < end; t++, place += width) {
        const tile *at = g->order + t;
        const float *from = positions + (2 * at->row * s->out_w + 2 * at->col) * width;
        for (long v = 0; v < width; v += 16)
          (g->same ? g->kernels->same_gradients : g->kernels->gradients)(
              from + v, s->out_w * width, width, lone_row(g, t), lone_col(g, t), place + v,
              slots * width);
      }
    }
    to += g->places * slots * width;
  }
}

/// The images of the block that begins at image `begin`, before image `end`.
static long block_images(const gradient *g, long begin, long end) {
  return ck_min(g->block, end - begin);
}

static void transform_task(void *context, long task, int worker) {
  const gradient *g = context;
  long begin = task / g->block * g->block, images = block_images(g, begin, g->shape->batch);
  float *to = g->transformed + begin * g->tiles * g->places * g->columns;
  transform_dy(g, images, task - begin, task, to, worker);
}

/// What each tile sees of the image at `pixels`, whose pixels are vectors.
static void make_windows(const gradient *g, const float *pixels, ck_window *windows) {
  const ck_conv2d *s = g->shape;
  for (long t = 0; t < g->tiles; t++) {
    ck_window w = {.inside = 1, .lone_row = lone_row(g, t), .lone_col = lone_col(g, t)};
    long side = g->same ? 4 : 6, step = side - 2;
    for (long i = 0; i < side; i++) {
      long row = step * g->order[t].row - 1 + i, col = step * g->order[t].col - 1 + i;
      if (row >= 0 && row < s->in_h) w.rows[i] = pixels + row * s->in_w * LANES;
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
static void multiply_place(const gradient *g, long place, long height, long width, long images,
                           const float *x, const float *dy, float *c, int from_c) {
  long begin = 0, end = 0;
  for (long class = 0; class <= CLASSES; class++) {
    long tiles = class < CLASSES ? images * g->class_tiles[class] : 0;
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

/// Adds the products of a block for in_channels `first ..< first + height`.
static void multiply(const gradient *g, long first, long height, long images, const float *x,
                     const float *dy, float *sums, int from_sums) {
  long slots = images * g->tiles;
  sums += first * g->places * g->phases * g->columns;
  for (long panel = 0; panel < g->panels; panel++) {
    long width = panel_width(g, panel);
    for (long place = 0; place < g->places; place++, dy += slots * width)
      for (long phase = 0; phase < g->phases; phase++)
        multiply_place(g, place, height, width, images,
                       x + (g->phases * place + phase) * slots * LANES, dy,
                       sums + (g->phases * place + phase) * g->columns + panel * PANEL, from_sums);
  }
}

static void run_gradient(void *context, long task, int worker) {
  const gradient *g = context;
  const ck_conv2d *s = g->shape;
  long chunk = task / g->parts, part = task % g->parts, area = s->in_h * s->in_w;
  long image = ck_part(s->batch, g->chunks, chunk), end = ck_part(s->batch, g->chunks, chunk + 1);
  float *x = ck_scratch(g->pool, worker, CK_SCRATCH_PANEL,
                        g->block * g->tiles * g->places * g->phases * LANES);
  float *dy = NULL, *sums = g->sums + chunk * g->places * g->phases * s->in_channels * g->columns;
  if (!g->transformed)
    dy = ck_scratch(g->pool, worker, CK_SCRATCH_LEFT, g->block * g->tiles * g->places * g->columns);
  float *pixels = ck_scratch(g->pool, worker, CK_SCRATCH_ROWS, area * LANES);
  ck_window *windows = (ck_window *)ck_scratch(
      g->pool, worker, CK_SCRATCH_TILE, g->tiles * (long)(sizeof(ck_window) / sizeof(float)));
  make_windows(g, pixels, windows);

  for (int from_sums = 0; image < end; from_sums = 1) {
    long images = block_images(g, image, end), slots = images * g->tiles;
    for (long n = 0; n < images && dy; n++) transform_dy(g, images, n, image + n, dy, worker);
    const float *right = dy ? dy : g->transformed + image * g->tiles * g->places * g->columns;
    long last = ck_part(g->units, g->parts, part + 1);
    for (long u = ck_part(g->units, g->parts, part); u < last; u++) {
      long first = u * LANES, height = ck_min(LANES, s->in_channels - first);
      for (long n = 0; n < images; n++) {
        g->matrix->transpose(g->x + ((image + n) * s->in_channels + first) * area, area, height,
                             area, pixels, LANES, 1);
        for (long class = 0, t = 0, end = 0; class < CLASSES; class++) {
          float *to = x + (t * images + n * g->class_tiles[class]) * LANES;
          for (end += g->class_tiles[class]; t < end; t++, to += LANES)
            if (g->same)
              g->kernels->same(windows + t, to, slots * LANES);
            else
              g->kernels->down(windows + t, to, g->phases * slots * LANES, slots * LANES);
        }
      }
      multiply(g, first, height, images, x, right, sums, from_sums);
    }
    image += images;
  }
}

/// The weights of one in_channel.
static void finish(void *context, long channel, int worker) {
  (void)worker;
  const gradient *g = context;
  const ck_conv2d *s = g->shape;
  long floats = g->places * g->phases * g->columns;  // of an in_channel's sums
  for (long c = 0; c < s->out_channels; c += 16) {
    float taps[16 * 16];
    (g->same ? g->kernels->same_taps : g->kernels->taps)(
        g->sums + channel * floats + c, g->columns, g->chunks, s->in_channels * floats, taps);
    long size = g->same ? 9 : 16;
    g->matrix->transpose(taps, 16, size, ck_min(16, s->out_channels - c),
                         g->dw + (c * s->in_channels + channel) * size, s->in_channels * size, 0);
  }
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

int ck_winograd_suits_weight(const ck_conv2d *s) {
  // At 7×7 a quarter of the tiles' positions lie outside, and kernel 4's gain is lost.
  long positions = ck_round_up(s->out_h, 2) * ck_round_up(s->out_w, 2), area = s->out_h * s->out_w;
  int is_full = s->kernel_h == 3 ? positions * 2 <= area * 3 : positions * 4 <= area * 5;
  return ck_winograd_suits(s) && is_full && positions / 4 <= MOST_TILES;
}

void ck_winograd_backward_weight(ck_pool *pool, const ck_conv2d *s, const float *dy,
                                 const float *x, float *dw) {
  const ck_matrix_kernels *matrix = ck_matrix_of(pool);
  gradient g = {
      .matrix = matrix, .kernels = &ck_conv_current()->winograd, .pool = pool, .shape = s,
      .dy = dy, .x = x, .dw = dw,
      .same = s->kernel_h == 3,
      .tiles = ck_ceil_div(s->out_h, 2) * ck_ceil_div(s->out_w, 2),
      .columns = ck_round_up(s->out_channels, 16),
      .units = ck_ceil_div(s->in_channels, LANES),
  };
  g.places = g.same ? 16 : 9;
  g.phases = g.same ? 1 : 4;
  g.panels = ck_ceil_div(g.columns, PANEL);
  g.order = (tile *)ck_scratch(pool, 0, CK_SCRATCH_TABLE, (g.tiles + 1) * 2);
  order_tiles(&g);
  g.block = ck_max(1, ck_min(s->batch, FAR / g.tiles));
  int chunked = s->in_channels * s->out_channels * s->kernel_h * s->kernel_w <= CHUNKED_WEIGHTS;
  g.chunks = chunked ? ck_min(s->batch, MOST_CHUNKS) : 1;
  long wanted = 4 * ck_pool_threads(pool);
  // The parts of a chunk transform the same dy again.
  g.parts = ck_min(g.units, chunked ? ck_ceil_div(wanted / 2, g.chunks) : wanted);
  g.sums = ck_scratch(pool, 0, CK_SCRATCH_PARTIAL,
                      g.chunks * g.places * g.phases * s->in_channels * g.columns);
  if (!chunked) {
    g.transformed =
        ck_scratch(pool, 0, CK_SCRATCH_SHARED, s->batch * g.tiles * g.places * g.columns);
    ck_parallel(pool, s->batch, transform_task, &g);
  }
  ck_parallel(pool, g.chunks * g.parts, run_gradient, &g);
  ck_parallel(pool, s->in_channels, finish, &g);
}
