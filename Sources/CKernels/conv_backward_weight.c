#include <string.h>

#include "conv.h"
#include "conv_private.h"

// dw[out_channel, j] = Σ over k = (image, out_h, out_w) of dy[out_channel, k] times the value of x
// under tap j = (in_channel, kernel_h, kernel_w) at k. It is computed as its transpose: rows are
// taps, whose values along k are copied from padded images; columns are output channels, packed by
// transposing dy. Each image is multiplied in turn, so nothing is larger than an image.
//
// A small dw leaves too few tiles to share out over the threads: then the batch is cut into at most
// MAX_CHUNKS chunks with a sum each, added in ascending order. The cut depends on the shape only.

enum { MAX_CHUNKS = 16, CHUNKED_WEIGHTS = 16384, DEPTH = 256 };

typedef struct gradient {
  const ck_matrix_kernels *kernels;
  ck_pool *pool;
  const ck_conv2d *shape;
  const float *dy, *x;
  float *dw, *sums;
  int accumulate;
  long taps;                // kernel_h · kernel_w
  long columns;             // out_channels, rounded up to whole vectors
  long chunks, blocks;      // tasks: chunks of images × blocks of input channels
} gradient;

/// Copies taps of `channels` channels at output rows of width out_w into rows of `step` floats.
static void pack_taps(const gradient *g, const ck_planes *planes, const float *pixels,
                      long channels, long row, long rows, float *to, long step) {
  const ck_conv2d *s = g->shape;
  for (long c = 0; c < channels; c++)
    for (long i = 0; i < s->kernel_h; i++)
      for (long j = 0; j < s->kernel_w; j++, to += step) {
        const float *from = pixels + c * planes->channel_step +
                            (row * s->stride_h + i) * planes->row_step +
                            j % s->stride_w * planes->segment + j / s->stride_w;
        for (long r = 0; r < rows; r++)
          memcpy(to + r * s->out_w, from + r * s->stride_h * planes->row_step,
                 (size_t)s->out_w * sizeof(float));
      }
}

static void run_gradient(void *context, long task, int worker) {
  const gradient *g = context;
  const ck_conv2d *s = g->shape;
  long chunk = task / g->blocks, block = task % g->blocks;
  long image = ck_part(s->batch, g->chunks, chunk);
  long end = ck_part(s->batch, g->chunks, chunk + 1);
  long channel = ck_part(s->in_channels, g->blocks, block);
  long channels = ck_part(s->in_channels, g->blocks, block + 1) - channel;
  long rows = channels * g->taps, area = s->out_h * s->out_w;

  ck_planes planes = ck_planes_make(
      channels, s->in_h, s->in_w, -s->pad_h, (s->out_h - 1) * s->stride_h + s->kernel_h, -s->pad_w,
      (s->out_w - 1) * s->stride_w + s->kernel_w, s->stride_w);
  long band = ck_max(1, ck_min(s->out_h, DEPTH / s->out_w));  // output rows at a time
  long step = ck_round_up(band * s->out_w, 16) + 16;
  float *pixels = ck_scratch(g->pool, worker, CK_SCRATCH_IMAGE, ck_planes_floats(&planes, 1));
  float *left = ck_scratch(g->pool, worker, CK_SCRATCH_LEFT, rows * step);
  float *panel = ck_scratch(g->pool, worker, CK_SCRATCH_PANEL, band * s->out_w * CK_PANEL);
  float *sums = g->sums + (chunk * s->in_channels + channel) * g->taps * g->columns;
  float *dw = g->dw + channel * g->taps;
  long dw_step = s->in_channels * g->taps;
  int from_sums = 0;
  if (g->chunks == 1 && g->accumulate) {
    g->kernels->transpose(dw, dw_step, s->out_channels, rows, sums, g->columns, 1);
    from_sums = 1;
  }

  for (; image < end; image++) {
    ck_planes_fill(&planes, g->x + image * s->in_channels * s->in_h * s->in_w, 1, s->in_channels,
                   channel, pixels);
    const float *dy = g->dy + image * s->out_channels * area;
    for (long row = 0; row < s->out_h; row += band, from_sums = 1) {
      long band_rows = ck_min(band, s->out_h - row), depth = band_rows * s->out_w;
      pack_taps(g, &planes, pixels, channels, row, band_rows, left, step);
      for (long c = 0; c < s->out_channels; c += CK_PANEL) {
        long width = ck_min(CK_PANEL, s->out_channels - c);
        int vectors = (int)ck_ceil_div(width, 16);
        g->kernels->transpose(dy + c * area + row * s->out_w, area, width, depth, panel,
                              16 * vectors, 1);
        ck_multiply(g->kernels, (ck_left){left, step, CK_BY_ROW}, 0, 0, rows, vectors, depth,
                    panel, 16 * vectors, sums + c, g->columns, from_sums);
      }
    }
  }
  if (g->chunks == 1)
    g->kernels->transpose(sums, g->columns, rows, s->out_channels, dw, dw_step, 0);
}

/// Adds the chunks' sums of one output channel.
static void add_chunks(void *context, long task, int worker) {
  (void)worker;
  const gradient *g = context;
  long rows = g->shape->in_channels * g->taps;
  for (long j = 0; j < rows; j++) {
    const float *sums = g->sums + j * g->columns + task;
    float total = sums[0];
    for (long chunk = 1; chunk < g->chunks; chunk++) total += sums[chunk * rows * g->columns];
    float *dw = &g->dw[task * rows + j];
    *dw = g->accumulate ? *dw + total : total;
  }
}

void ck_conv_backward_weight(ck_pool *pool, const ck_conv2d *shape, const float *dy,
                             const float *x, float *dw, int accumulate) {
  long taps = shape->kernel_h * shape->kernel_w, rows = shape->in_channels * taps;
  if (rows <= 0 || shape->out_channels <= 0) return;
  if (shape->batch <= 0 || shape->out_h <= 0 || shape->out_w <= 0) {
    if (!accumulate) memset(dw, 0, (size_t)(rows * shape->out_channels) * sizeof(float));
    return;
  }
  gradient g = {
      .kernels = ck_matrix_current(),
      .pool = pool,
      .shape = shape,
      .dy = dy,
      .x = x,
      .dw = dw,
      .accumulate = accumulate,
      .taps = taps,
      .columns = ck_round_up(shape->out_channels, 16),
  };
  g.chunks = rows * shape->out_channels > CHUNKED_WEIGHTS ? 1 : ck_min(shape->batch, MAX_CHUNKS);
  g.blocks = ck_ceil_div(rows, 512);
  long wanted = 3 * ck_pool_threads(pool);
  if (ck_pool_threads(pool) > 1 && g.chunks * g.blocks < wanted)
    g.blocks = ck_min(ck_ceil_div(rows, 64), ck_ceil_div(wanted, g.chunks));
  g.blocks = ck_min(g.blocks, shape->in_channels);
  g.sums = ck_scratch(pool, 0, CK_SCRATCH_PARTIAL, g.chunks * rows * g.columns);
  ck_parallel(pool, g.chunks * g.blocks, run_gradient, &g);
  if (g.chunks > 1) ck_parallel(pool, shape->out_channels, add_chunks, &g);
}
