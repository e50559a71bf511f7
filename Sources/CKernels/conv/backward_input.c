#include <string.h>

#include "conv/planes.h"
#include "conv/ways.h"

// The pixels of dx fall into stride_h × stride_w classes by the phase (row + pad) mod stride. The
// pixels of one class meet the same kernel taps: phase, phase + stride, phase + 2·stride, … With
// row + pad = q·stride + phase, tap phase + i·stride reads row q − i of dy. So each class is a
// convolution of stride 1 over dy with a part of the kernel, and no inserted zero is multiplied.

/// The pixels of one phase along one axis.
typedef struct axis {
  long taps;
  long first_q, count;  // q of the first pixel; how many pixels
  long first_pixel;     // its place in dx; the next is `stride` further
} axis;

typedef struct phase {
  axis h, w;
  long depth;       // out_channels · taps
  long weights_at;  // in the packed weights
  long offsets_at;  // in the offset table
} phase;

enum { MAX_PHASES = 64 };

typedef struct backward {
  const ck_matrix_kernels *kernels;
  ck_pool *pool;
  const ck_conv2d *shape;
  const float *dy, *w;
  float *w_packed;
  int32_t *offsets;
  float *dx;
  int accumulate;
  ck_epilogue epilogue;
  ck_planes planes;
  phase *phases;
  long phase_count, groups;
} backward;

static axis make_axis(long phase, long stride, long pad, long kernel, long pixels) {
  axis a = {.taps = phase < kernel ? (kernel - phase - 1) / stride + 1 : 0};
  long q = phase >= pad ? 0 : ck_ceil_div(pad - phase, stride);
  a.first_q = q;
  a.first_pixel = q * stride + phase - pad;
  a.count = a.first_pixel < pixels ? (pixels - a.first_pixel - 1) / stride + 1 : 0;
  return a;
}

/// packed[tile][k][row] of each phase, k = (out_channel, tap_h, tap_w), row = in_channel.
static void pack_weights(void *context, long task, int worker) {
  (void)worker;
  const backward *b = context;
  const ck_conv2d *s = b->shape;
  long rows = s->in_channels, tiles = ck_tiles(b->kernels, rows);
  long tile = task % tiles, taps = s->kernel_h * s->kernel_w;
  const phase *p = &b->phases[task / tiles];
  long row = ck_part(rows, tiles, tile), height = ck_part(rows, tiles, tile + 1) - row;
  float *to = b->w_packed + p->weights_at + row * p->depth;
  long phase_h = (p->h.first_pixel + s->pad_h) % s->stride_h;
  long phase_w = (p->w.first_pixel + s->pad_w) % s->stride_w;
  for (long o = 0; o < s->out_channels; o++)
    for (long i = 0; i < p->h.taps; i++)
      for (long j = 0; j < p->w.taps; j++) {
        const float *from = b->w + (o * rows + row) * taps +
                            (phase_h + i * s->stride_h) * s->kernel_w + phase_w + j * s->stride_w;
        for (long r = 0; r < height; r++) *to++ = from[r * taps];
      }
}

static void fill_offsets(const backward *b, const phase *p) {
  int32_t *offsets = b->offsets + p->offsets_at;
  for (long o = 0; o < b->shape->out_channels; o++)
    for (long i = 0; i < p->h.taps; i++)
      for (long j = 0; j < p->w.taps; j++)
        *offsets++ = (int32_t)(o * b->planes.channel_step - i * b->planes.row_step - j);
}

/// Copies a tile's columns, pixels of phase `p`, from or to dx. `first` counts the phase's pixels
/// from the task's first image.
static void move_pixels(const backward *b, const phase *p, long image, long first, long width,
                        float *tile, int load) {
  const ck_conv2d *s = b->shape;
  long area = s->in_h * s->in_w, positions = p->h.count * p->w.count;
  for (long done = 0; done < width;) {
    long position = (first + done) % positions;
    long row = position / p->w.count, col = position % p->w.count;
    long length = ck_min(p->w.count - col, width - done);
    float *dx = b->dx + (image + (first + done) / positions) * s->in_channels * area +
                (p->h.first_pixel + row * s->stride_h) * s->in_w + p->w.first_pixel +
                col * s->stride_w;
    for (long c = 0; c < s->in_channels; c++, dx += area) {
      float *t = tile + c * CK_PANEL + done;
      if (load)
        for (long i = 0; i < length; i++) t[i] = dx[i * s->stride_w];
      else
        for (long i = 0; i < length; i++) dx[i * s->stride_w] = t[i];
    }
    done += length;
  }
}

static void run_phase(const backward *b, const phase *p, const float *pixels, long image,
                      long images, int worker) {
  const ck_conv2d *s = b->shape;
  const ck_planes *planes = &b->planes;
  ck_positions positions = {images, p->h.count, p->w.count, planes->image_step, planes->row_step};
  long count = images * p->h.count * p->w.count;
  pixels += (p->h.first_q - planes->first_row) * planes->row_step +
            (p->w.first_q - planes->first_col);
  float *panel = ck_scratch(b->pool, worker, CK_SCRATCH_PANEL, CK_DEPTH * CK_PANEL + 16);
  float *tile = ck_scratch(b->pool, worker, CK_SCRATCH_TILE, s->in_channels * CK_PANEL);
  const int32_t *offsets = b->offsets + p->offsets_at;
  ck_left left = {b->w_packed + p->weights_at, p->depth, CK_TILED};
  long depths = ck_max(1, ck_ceil_div(p->depth, CK_DEPTH));

  for (long first = 0; first < count; first += CK_PANEL) {
    long width = ck_min(CK_PANEL, count - first), longest;
    int vectors = (int)ck_ceil_div(width, 16);
    ck_run runs[CK_PANEL];
    long run_count = ck_positions_runs(&positions, first, width, runs, &longest);
    if (b->accumulate) move_pixels(b, p, image, first, width, tile, 1);
    for (long d = 0; d < depths; d++) {
      long k = ck_part(p->depth, depths, d), depth = ck_part(p->depth, depths, d + 1) - k;
      b->kernels->gather(pixels, offsets + k, depth, runs, run_count, longest, width, panel,
                         16 * vectors);
      ck_multiply(b->kernels, left, 0, k, s->in_channels, vectors, depth, panel, 16 * vectors,
                  tile, CK_PANEL, b->accumulate || d > 0);
    }
    if (ck_has_epilogue(&b->epilogue))
      b->kernels->finish(&b->epilogue, 0, 0, s->in_channels, width, tile, CK_PANEL,
                         tile, CK_PANEL);
    move_pixels(b, p, image, first, width, tile, 0);
  }
}

static void run_backward(void *context, long task, int worker) {
  const backward *b = context;
  const ck_conv2d *s = b->shape;
  long image = ck_part(s->batch, b->groups, task);
  long images = ck_part(s->batch, b->groups, task + 1) - image;
  float *pixels =
      ck_scratch(b->pool, worker, CK_SCRATCH_IMAGE, ck_planes_floats(&b->planes, images));
  ck_planes_fill(&b->planes, b->dy + image * s->out_channels * s->out_h * s->out_w, images,
                 s->out_channels, 0, pixels);
  for (long i = 0; i < b->phase_count; i++)
    run_phase(b, &b->phases[i], pixels, image, images, worker);
}

/// Fills the phases that have pixels, and the planes that all of them read.
static void plan(backward *b) {
  const ck_conv2d *s = b->shape;
  long low_h = 0, high_h = 0, low_w = 0, high_w = 0, weights = 0, offsets = 0;
  for (long i = 0; i < s->stride_h; i++)
    for (long j = 0; j < s->stride_w; j++) {
      phase p = {.h = make_axis(i, s->stride_h, s->pad_h, s->kernel_h, s->in_h),
                 .w = make_axis(j, s->stride_w, s->pad_w, s->kernel_w, s->in_w)};
      if (p.h.count == 0 || p.w.count == 0) continue;
      p.depth = s->out_channels * p.h.taps * p.w.taps;
      p.weights_at = weights;
      p.offsets_at = offsets;
      weights += p.depth * s->in_channels;
      offsets += p.depth;
      low_h = ck_min(low_h, p.h.first_q - ck_max(0, p.h.taps - 1));
      low_w = ck_min(low_w, p.w.first_q - ck_max(0, p.w.taps - 1));
      high_h = ck_max(high_h, p.h.first_q + p.h.count);
      high_w = ck_max(high_w, p.w.first_q + p.w.count);
      b->phases[b->phase_count++] = p;
    }
  b->planes = ck_planes_make(s->out_channels, s->out_h, s->out_w, low_h, high_h - low_h, low_w,
                             high_w - low_w, 1);
  b->w_packed = ck_scratch(b->pool, 0, CK_SCRATCH_SHARED, weights);
  b->offsets = (int32_t *)ck_scratch(b->pool, 0, CK_SCRATCH_TABLE, offsets);
  for (long i = 0; i < b->phase_count; i++) fill_offsets(b, &b->phases[i]);
}

void ck_conv_backward_input_positions(ck_pool *pool, const ck_matrix_kernels *kernels,
                                      const ck_conv2d *shape, const float *dy, const float *w,
                                      float *dx, int accumulate, const ck_epilogue *epilogue) {
  if (shape->batch <= 0 || shape->in_channels <= 0 || shape->in_h <= 0 || shape->in_w <= 0) return;
  long phases = shape->stride_h * shape->stride_w;
  phase few[MAX_PHASES];
  backward b = {
      .kernels = kernels,
      .pool = pool,
      .shape = shape,
      .dy = dy,
      .w = w,
      .dx = dx,
      .accumulate = accumulate,
      .phases = few,
  };
  if (phases > MAX_PHASES)
    b.phases = (phase *)ck_scratch(pool, 0, CK_SCRATCH_PARTIAL,
                                   phases * (long)(sizeof(phase) / sizeof(float)));
  if (epilogue) b.epilogue = *epilogue;
  b.epilogue.bias_per_row = 1;
  long bands;
  ck_conv_tasks(pool, shape->batch, shape->in_h, shape->in_w, &b.groups, &bands);
  plan(&b);
  ck_parallel(pool, b.phase_count * ck_tiles(b.kernels, shape->in_channels), pack_weights, &b);
  ck_parallel(pool, b.groups, run_backward, &b);
}
