#include <string.h>

#include "conv/kernels.h"
#include "conv/ways.h"
#include "matrix/kernels.h"
#include "core/scratch.h"

// dw[out_channel, in_channel, tap] = Σ over k = (image, out_h, out_w) of dy[out_channel, k] times
// the pixel of x that the tap sees at k.
//
// The lanes of a vector are output channels: dy is transposed to [panel][image][position][channels
// of the panel], at most 32 channels a panel. A tile holds input channels (up to 14) × the panel's
// output channels of one tap. Its pixels are transposed too, [image][pixel][16 channels], and used
// for all taps and panels; positions at which a tap sees padding are left out. Images with few
// channels would leave tiles nearly empty: theirs hold several taps instead, whose pixels are read
// from padded copies of the images.
//
// A small dw has too few tiles for many threads, so the batch is cut into at most MOST_CHUNKS
// chunks with a sum each, added in ascending order. The cut depends on the shape only.

enum {
  MOST_CHUNKS = 16,
  CHUNKED_WEIGHTS = 65536,  // more sums than these are not kept for every chunk
  FEW_CHANNELS = 8,
  FAR = 512,   // positions between two visits of a tile's pixels in memory
  NEAR = 256,  // positions between two visits of its sums in the first cache
  MOST_ROWS = 16,
};

typedef struct gradient {
  const ck_matrix_kernels *kernels;
  const ck_meeting_tile *tiles;
  ck_pool *pool;
  const ck_conv2d *shape;
  const float *dy, *x;
  float *dw;
  int accumulate, mixed;           // mixed: a tile holds several taps
  long taps, rows, area;           // kernel_h · kernel_w; in_channels · taps; out_h · out_w
  long panels, columns;            // columns: out_channels, rounded up to whole vectors
  long chunks, units, parts;       // tasks: chunks of images × parts of the units
  long tap_parts;                  // units of a tile and panel
  float *transposed;               // dy
  float *sums;                     // [chunk][row][columns]
  ck_meeting *meetings;            // of each tap (all taps alike when mixed), `area` apart
  int32_t *row_meetings;           // of each tap: where output row i's begin, for i ≤ out_h
  long plane_h, plane_w;           // mixed: the padded images' sides
} gradient;

static long panel_width(const gradient *g, long panel) {
  return ck_min(CK_PANEL, g->columns - panel * CK_PANEL);
}

/// Where image `n`'s part of a panel begins, when `images` images are transposed together.
static long panel_at(const gradient *g, long panel, long images, long n) {
  return g->area * (panel * CK_PANEL * images + n * panel_width(g, panel));
}

/// Transposes image `n` of dy.
static void transpose_image(const gradient *g, long n, long images, long image, float *to) {
  const float *dy = g->dy + image * g->shape->out_channels * g->area;
  for (long panel = 0; panel < g->panels; panel++) {
    long channel = panel * CK_PANEL, width = ck_min(CK_PANEL, g->shape->out_channels - channel);
    g->kernels->transpose(dy + channel * g->area, g->area, width, g->area,
                          to + panel_at(g, panel, images, n), panel_width(g, panel), 1);
  }
}

static void transpose_task(void *context, long task, int worker) {
  (void)worker;
  const gradient *g = context;
  transpose_image(g, task, g->shape->batch, task, g->transposed);
}

/// Where tap `i` along an axis sees pixels: positions low ..< high.
static void valid_positions(long i, long stride, long pad, long pixels, long positions, long *low,
                            long *high) {
  *low = i >= pad ? 0 : ck_ceil_div(pad - i, stride);
  *high = pixels + pad > i ? ck_min(positions, ck_ceil_div(pixels + pad - i, stride)) : 0;
}

/// The meetings of every tap; for mixed tiles those of the first tap in the padded image, whence
/// the other taps are constant distances away.
static void fill_meetings(const gradient *g) {
  const ck_conv2d *s = g->shape;
  for (long tap = 0; tap < (g->mixed ? 1 : g->taps); tap++) {
    long i = tap / s->kernel_w, j = tap % s->kernel_w;
    long row_low = 0, row_high = s->out_h, low = 0, high = s->out_w;
    long first = 0, row_step = s->stride_h * g->plane_w;
    if (!g->mixed) {
      valid_positions(i, s->stride_h, s->pad_h, s->in_h, s->out_h, &row_low, &row_high);
      valid_positions(j, s->stride_w, s->pad_w, s->in_w, s->out_w, &low, &high);
      first = (i - s->pad_h) * s->in_w + j - s->pad_w;
      row_step = s->stride_h * s->in_w;
    }
    ck_meeting *meetings = g->meetings + tap * g->area;
    int32_t count = 0, *row_meetings = g->row_meetings + tap * (s->out_h + 1);
    for (long row = 0; row < s->out_h; row++) {
      row_meetings[row] = count;
      for (long col = low; col < high && row >= row_low && row < row_high; col++)
        meetings[count++] = (ck_meeting){(int32_t)(first + row * row_step + col * s->stride_w),
                                         (int32_t)(row * s->out_w + col)};
    }
    row_meetings[s->out_h] = count;
  }
}

/// Input channels (or, mixed, rows of dw) first ..< first + height, some taps, one panel.
typedef struct unit {
  long first, height, tap, end_tap, panel;
} unit;

static unit make_unit(const gradient *g, long number) {
  long rows = g->mixed ? g->rows : g->shape->in_channels, taps = g->mixed ? 1 : g->taps;
  long tiles = ck_tiles(g->kernels, rows);
  long part = number % g->tap_parts, tile = number / g->tap_parts / g->panels;
  unit u = {.first = ck_part(rows, tiles, tile), .panel = number / g->tap_parts % g->panels};
  u.height = ck_part(rows, tiles, tile + 1) - u.first;
  u.tap = ck_part(taps, g->tap_parts, part);
  u.end_tap = ck_part(taps, g->tap_parts, part + 1);
  return u;
}

/// Adds the products of some images' output rows row ..< end_row to the tiles of a unit.
static void run_piece(const gradient *g, unit u, const ck_meeting_images *images, long row,
                      long end_row, float *sums, int from_sums) {
  const ck_conv2d *s = g->shape;
  long vectors = images->dy_step / 16, most = g->kernels->tile_vectors;
  for (long tap = u.tap; tap < u.end_tap; tap++) {
    const int32_t *rows = g->row_meetings + tap * (s->out_h + 1);
    const ck_meeting *meetings = g->meetings + tap * g->area + rows[row];
    long c_row = g->mixed ? u.first : u.first * g->taps + tap;
    long c_step = (g->mixed ? 1 : g->taps) * g->columns;
    float *c = sums + c_row * g->columns + u.panel * CK_PANEL;
    ck_meeting_images part = *images;
    for (long v = 0; v < vectors; v += most, part.dy += 16 * most, c += 16 * most)
      g->tiles[(u.height - 1) * most + ck_min(most, vectors - v) - 1](
          &part, meetings, rows[end_row] - rows[row], c, c_step, from_sums);
  }
}

/// Adds the products of some images to the tiles of a unit, in pieces that stay in the cache.
static void run_unit(const gradient *g, unit u, ck_meeting_images all, float *sums,
                     int from_sums) {
  const ck_conv2d *s = g->shape;
  long x_rows[MOST_ROWS];
  for (long i = 0; i < u.height && g->mixed; i++) {
    long channel = (u.first + i) / g->taps, tap = (u.first + i) % g->taps;
    x_rows[i] = (channel * g->plane_h + tap / s->kernel_w) * g->plane_w + tap % s->kernel_w;
  }
  all.x_rows = x_rows;
  long images = ck_max(1, NEAR / g->area), rows = ck_max(1, NEAR / s->out_w);
  for (long n = 0; n < all.count; n += images)
    for (long row = 0; row < s->out_h; row += rows, from_sums = 1) {
      ck_meeting_images piece = all;
      piece.count = ck_min(images, all.count - n);
      piece.x += n * all.x_image;
      piece.dy += n * all.dy_image;
      run_piece(g, u, &piece, row, ck_min(s->out_h, row + rows), sums, from_sums);
    }
}

/// Copies images to the middle of padded ones, whose borders are zero already.
static void pad_images(const gradient *g, long image, long images, float *to) {
  const ck_conv2d *s = g->shape;
  long height = ck_min(s->in_h, g->plane_h - s->pad_h);
  long width = ck_min(s->in_w, g->plane_w - s->pad_w);
  const float *from = g->x + image * s->in_channels * s->in_h * s->in_w;
  for (long plane = 0; plane < images * s->in_channels; plane++) {
    float *row = to + (plane * g->plane_h + s->pad_h) * g->plane_w + s->pad_w;
    for (long i = 0; i < height && width > 0; i++)
      memcpy(row + i * g->plane_w, from + (plane * s->in_h + i) * s->in_w,
             (size_t)width * sizeof(float));
  }
}

/// Transposes a unit's channels.
static void transpose_channels(const gradient *g, unit u, long image, long images, float *to) {
  const ck_conv2d *s = g->shape;
  long size = s->in_h * s->in_w;
  for (long n = 0; n < images; n++)
    g->kernels->transpose(g->x + ((image + n) * s->in_channels + u.first) * size, size, u.height,
                          size, to + n * size * MOST_ROWS, MOST_ROWS, 1);
}

static void run_gradient(void *context, long task, int worker) {
  const gradient *g = context;
  const ck_conv2d *s = g->shape;
  long chunk = task / g->parts, part = task % g->parts;
  long image = ck_part(s->batch, g->chunks, chunk), end = ck_part(s->batch, g->chunks, chunk + 1);
  long first = ck_part(g->units, g->parts, part), last = ck_part(g->units, g->parts, part + 1);
  long block = ck_max(1, ck_min(end - image, FAR / g->area));
  long pixels = g->mixed ? s->in_channels * g->plane_h * g->plane_w
                         : s->in_h * s->in_w * MOST_ROWS;  // floats of an image
  float *sums = g->sums + chunk * g->rows * g->columns, *dy = NULL;
  float *x = ck_scratch(g->pool, worker, CK_SCRATCH_IMAGE, block * pixels);
  if (g->mixed) memset(x, 0, (size_t)(block * pixels) * sizeof(float));
  if (!g->transposed)
    dy = ck_scratch(g->pool, worker, CK_SCRATCH_PANEL, block * g->area * g->columns);

  for (int from_sums = g->chunks == 1 && g->accumulate; image < end; image += block) {
    ck_meeting_images images = {.count = ck_min(block, end - image), .x = x, .x_image = pixels,
                                .x_step = g->mixed ? 1 : MOST_ROWS};
    if (g->mixed) pad_images(g, image, images.count, x);
    for (long n = 0; n < images.count && dy; n++) transpose_image(g, n, block, image + n, dy);
    for (long i = first, row = -1; i < last; i++) {
      unit u = make_unit(g, i);
      if (!g->mixed && u.first != row) transpose_channels(g, u, image, images.count, x);
      row = u.first;
      images.dy_step = panel_width(g, u.panel);
      images.dy_image = g->area * images.dy_step;
      images.dy = dy ? dy + panel_at(g, u.panel, block, 0)
                     : g->transposed + panel_at(g, u.panel, s->batch, image);
      run_unit(g, u, images, sums, from_sums);
    }
    from_sums = 1;
  }
}

/// Adds the chunks' sums of some rows to the first chunk's, and transposes them to dw.
static void finish_rows(void *context, long task, int worker) {
  (void)worker;
  const gradient *g = context;
  long tasks = ck_ceil_div(g->rows, 64);
  long row = ck_part(g->rows, tasks, task), rows = ck_part(g->rows, tasks, task + 1) - row;
  float *sums = g->sums + row * g->columns, *dw = g->dw + row;
  for (long chunk = 1; chunk < g->chunks; chunk++)
    for (long i = 0; i < rows * g->columns; i++)
      sums[i] += sums[chunk * g->rows * g->columns + i];
  if (g->chunks > 1 && g->accumulate)
    for (long c = 0; c < g->shape->out_channels; c++)
      for (long i = 0; i < rows; i++) dw[c * g->rows + i] += sums[i * g->columns + c];
  else
    g->kernels->transpose(sums, g->columns, rows, g->shape->out_channels, dw, g->rows, 0);
}

static void load_rows(void *context, long task, int worker) {
  (void)worker;
  const gradient *g = context;
  long tasks = ck_ceil_div(g->rows, 64);
  long row = ck_part(g->rows, tasks, task), rows = ck_part(g->rows, tasks, task + 1) - row;
  g->kernels->transpose(g->dw + row, g->rows, g->shape->out_channels, rows,
                        g->sums + row * g->columns, g->columns, 1);
}

static void plan(gradient *g) {
  const ck_conv2d *s = g->shape;
  g->taps = s->kernel_h * s->kernel_w;
  g->rows = s->in_channels * g->taps;
  g->area = s->out_h * s->out_w;
  g->columns = ck_round_up(s->out_channels, 16);
  g->panels = ck_ceil_div(g->columns, CK_PANEL);
  g->mixed = s->in_channels < FEW_CHANNELS;
  g->plane_h = (s->out_h - 1) * s->stride_h + s->kernel_h;
  g->plane_w = (s->out_w - 1) * s->stride_w + s->kernel_w;
  g->chunks = g->rows * s->out_channels > CHUNKED_WEIGHTS ? 1 : ck_min(s->batch, MOST_CHUNKS);
  long units = ck_tiles(g->kernels, g->mixed ? g->rows : s->in_channels) * g->panels;
  long wanted = 4 * ck_pool_threads(g->pool), taps = g->mixed ? 1 : g->taps;
  g->tap_parts = g->chunks > 1 ? 1 : ck_max(1, ck_min(taps, wanted / units));
  g->units = units * g->tap_parts;
  // The parts of a chunk transpose the same images again.
  g->parts = ck_min(g->units, g->chunks > 1 ? ck_ceil_div(wanted / 2, g->chunks) : wanted);
}

void ck_conv_backward_weight(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                             const float *x, float *dw, int accumulate) {
  gradient g = {
      .kernels = ck_matrix_current(),
      .pool = pool,
      .shape = shape,
      .dy = dy,
      .x = x,
      .dw = dw,
      .accumulate = accumulate,
  };
  plan(&g);
  g.tiles = g.mixed ? ck_conv_current()->scattered : ck_conv_current()->meetings;
  if (g.rows <= 0 || shape->out_channels <= 0) return;
  if (shape->batch <= 0 || g.area <= 0) {
    if (!accumulate) memset(dw, 0, (size_t)(g.rows * shape->out_channels) * sizeof(float));
    return;
  }
  g.sums = ck_scratch(pool, 0, CK_SCRATCH_PARTIAL, g.chunks * g.rows * g.columns);
  if (g.chunks == 1)
    g.transposed = ck_scratch(pool, 0, CK_SCRATCH_SHARED, shape->batch * g.area * g.columns);

  long floats = g.taps * (2 * g.area + shape->out_h + 1);
  g.meetings = (ck_meeting *)ck_scratch(pool, 0, CK_SCRATCH_TABLE, floats);
  g.row_meetings = (int32_t *)(g.meetings + g.taps * g.area);
  fill_meetings(&g);

  long row_tasks = ck_ceil_div(g.rows, 64);
  if (g.transposed) ck_parallel(pool, shape->batch, transpose_task, &g);
  if (g.chunks == 1 && accumulate) ck_parallel(pool, row_tasks, load_rows, &g);
  ck_parallel(pool, g.chunks * g.parts, run_gradient, &g);
  ck_parallel(pool, row_tasks, finish_rows, &g);
}
