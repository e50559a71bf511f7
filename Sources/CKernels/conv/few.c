#include <string.h>

#include "conv/kernels.h"
#include "conv/ways.h"
#include "matrix/kernels.h"
#include "core/scratch.h"

// Convolutions of stride 2 between many channels and few, as at the two ends of an autoencoder,
// where there is little to compute for each number read or written.
//
// The lanes are 16 adjacent pixels of an image, so that nothing is transposed. Forward, from few
// channels, the sums go straight to the output. Backward, to few channels, the four phases of a
// pixel (its row and column, even or odd) make up the rows of a tile. The chains are those of the
// other ways.

enum { GROUP = 8 };  // images of a task

typedef struct few {
  const ck_matrix_kernels *kernels;
  const ck_conv_kernels *conv;
  ck_pool *pool;
  const ck_conv2d *shape;
  const float *from, *w;
  float *w_packed, *to;
  ck_epilogue epilogue;
  long plane_rows, segment, row_step, channel_step;  // of the padded copies of images
} few;

static float *zeroed_planes(const few *f, int worker, long channels) {
  long floats = channels * f->channel_step + 64;
  float *planes = ck_scratch(f->pool, worker, CK_SCRATCH_IMAGE, floats);
  memset(planes, 0, (size_t)floats * sizeof(float));
  return planes;
}

int ck_conv_forward_is_few(const ck_conv2d *s, int accumulate, const ck_epilogue *epilogue) {
  int ends_in_tile = !epilogue || epilogue->activation == CK_ACTIVATION_NONE ||
                     epilogue->activation == CK_ACTIVATION_RELU;
  return s->in_channels <= 4 && s->kernel_h * s->kernel_w <= CK_MOST_FEW_TAPS &&
         s->stride_h == 2 && s->stride_w == 2 && s->out_w >= 12 && !accumulate && ends_in_tile;
}

/// The channels of one tile, of one image whose padded copy is at `planes`.
static void forward_tile(const few *f, ck_tap_positions p, long height, long most) {
  const ck_conv2d *s = f->shape;
  const ck_tap_tile *tiles = f->conv->taps + 4 * (height - 1);
  long log = most == 2 && tiles[1];
  for (long col = 0; col < s->out_w; col += 16) {
    // A last vector that sticks out overlaps the one before. In narrow images all do: what they
    // write behind their row is overwritten by the next row, and the last row takes a detour.
    long first = ck_max(0, ck_min(col, s->out_w - 16));
    long rows = s->out_w < 16 ? s->out_h - 1 : s->out_h, row = 0;
    ck_tap_positions q = p;
    q.pixels += first, q.sums += first;
    while (row < rows) {
      long step = rows - row >= 1 << log ? 1 << log : 1;
      f->conv->expect(q.sums + step * q.sums_next, q.row_step, height, step * s->out_w);
      tiles[step == 2](&q, 1, 0);
      row += step;
      q.pixels += step * q.pixels_next, q.sums += step * q.sums_next;
    }
    if (rows == s->out_h) continue;
    float last[16 * 16], *to = q.sums;
    long step = q.row_step;
    q.sums = last, q.row_step = 16;
    tiles[0](&q, 1, 0);
    for (long i = 0; i < height; i++)
      memcpy(to + i * step, last + 16 * i, (size_t)s->out_w * sizeof(float));
  }
}

static void forward_images(void *context, long task, int worker) {
  const few *f = context;
  const ck_conv2d *s = f->shape;
  float *planes = zeroed_planes(f, worker, s->in_channels);
  ck_tap taps[CK_MOST_FEW_TAPS];
  for (long t = 0; t < s->kernel_h * s->kernel_w; t++) {
    long i = t / s->kernel_w, j = t % s->kernel_w;
    taps[t] = (ck_tap){(int32_t)t,
                       (int32_t)(i * f->row_step + j % 2 * f->segment + j / 2)};
  }
  long count = s->kernel_h * s->kernel_w, depth = s->in_channels * count;
  long area = s->out_h * s->out_w, size = s->in_h * s->in_w;
  long tiles = ck_tiles(f->kernels, s->out_channels);
  long rows = ck_min(s->in_h, f->plane_rows - s->pad_h);
  for (long n = task * GROUP; n < ck_min(s->batch, (task + 1) * GROUP); n++) {
    // Column i is padded column i + pad.
    float *plane = planes + s->pad_h * f->row_step;
    float *evens = plane + s->pad_w % 2 * f->segment + s->pad_w / 2;
    float *odds = plane + (s->pad_w + 1) % 2 * f->segment + (s->pad_w + 1) / 2;
    for (long c = 0; c < s->in_channels; c++)
      f->conv->split_rows(f->from + (n * s->in_channels + c) * size, s->in_w, rows,
                          evens + c * f->channel_step, odds + c * f->channel_step, f->row_step);
    for (long t = 0; t < tiles; t++) {
      long row = ck_part(s->out_channels, tiles, t);
      long height = ck_part(s->out_channels, tiles, t + 1) - row;
      ck_tap_positions p = {
          .taps = taps, .tap_count = count, .channels = s->in_channels,
          .weights = f->w_packed + row * depth, .weights_step = count * height,
          .pixels = planes, .channel_step = f->channel_step, .pixels_next = 2 * f->row_step,
          .sums = f->to + (n * s->out_channels + row) * area, .row_step = area,
          .sums_next = s->out_w,
          .bias = f->epilogue.bias ? f->epilogue.bias + row : NULL,
          .relu = f->epilogue.activation == CK_ACTIVATION_RELU,
      };
      forward_tile(f, p, height, 2);
    }
  }
}

void ck_conv_forward_few(ck_pool *pool, const ck_conv2d *s, const float *x, const float *w,
                         float *y, const ck_epilogue *epilogue) {
  if (s->batch <= 0 || s->out_channels <= 0 || s->out_h <= 0 || s->in_channels <= 0) return;
  few f = {.kernels = ck_matrix_current(), .conv = ck_conv_current(), .pool = pool, .shape = s,
           .from = x, .w = w, .to = y};
  if (epilogue) f.epilogue = *epilogue;
  f.plane_rows = ck_max((s->out_h - 1) * 2 + s->kernel_h, s->pad_h);
  f.segment = s->pad_w + ck_max(ck_round_up(ck_ceil_div(s->in_w, 2), 16), s->out_w + s->kernel_w);
  f.row_step = 2 * f.segment + 1;
  f.channel_step = f.plane_rows * f.row_step;
  long depth = s->in_channels * s->kernel_h * s->kernel_w;
  f.w_packed = ck_scratch(pool, 0, CK_SCRATCH_SHARED, s->out_channels * depth);
  long tiles = ck_tiles(f.kernels, s->out_channels);
  for (long t = 0; t < tiles; t++) {
    long row = ck_part(s->out_channels, tiles, t);
    long height = ck_part(s->out_channels, tiles, t + 1) - row;
    f.kernels->transpose(w + row * depth, depth, height, depth, f.w_packed + row * depth, height,
                         0);
  }
  ck_parallel(pool, ck_ceil_div(s->batch, GROUP), forward_images, &f);
}

int ck_conv_backward_input_is_few(const ck_conv2d *s, int accumulate) {
  return s->in_channels <= 3 && s->kernel_h == 4 && s->kernel_w == 4 && s->stride_h == 2 &&
         s->stride_w == 2 && s->pad_h == 1 && s->pad_w == 1 && s->out_w >= 12 && !accumulate &&
         ck_conv_current()->phases[(s->in_channels - 1) * CK_MOST_PHASE_SUMS] != NULL;
}

static void backward_images(void *context, long task, int worker) {
  const few *f = context;
  const ck_conv2d *s = f->shape;
  const ck_phases_tile *tiles = f->conv->phases + (s->in_channels - 1) * CK_MOST_PHASE_SUMS;
  float *planes = zeroed_planes(f, worker, s->out_channels);
  long size = s->out_h * s->out_w, area = s->in_h * s->in_w;
  long pairs = ck_ceil_div(s->in_h, 2), most = CK_MOST_PHASE_SUMS;
  while (!tiles[most - 1]) most--;
  long parts = ck_ceil_div(pairs, most);
  for (long n = task * GROUP; n < ck_min(s->batch, (task + 1) * GROUP); n++) {
    for (long c = 0; c < s->out_channels; c++)
      f->conv->copy_rows(f->from + (n * s->out_channels + c) * size, s->out_w, s->out_h,
                         planes + c * f->channel_step + f->row_step + 16, f->row_step);
    float *to = f->to + n * s->in_channels * area;
    for (long col = 0; 2 * col < s->in_w; col += 16)
      for (long part = 0; part < parts; part++) {
        long row = ck_part(pairs, parts, part), step = ck_part(pairs, parts, part + 1) - row;
        ck_phases p = {
            .pixels = planes + row * f->row_step + col + 15, .weights = f->w_packed,
            .channels = s->out_channels, .channel_step = f->channel_step,
            .row_step = f->row_step,
            .to = to + 2 * row * s->in_w + 2 * col, .target_step = area, .width = s->in_w,
            .rows = s->in_h - 2 * row, .cols = s->in_w - 2 * col,
        };
        tiles[step - 1](&p);
      }
    if (ck_has_epilogue(&f->epilogue))
      f->kernels->finish(&f->epilogue, 0, 0, s->in_channels, area, to, area, to, area);
  }
}

void ck_conv_backward_input_few(ck_pool *pool, const ck_conv2d *s, const float *dy,
                                const float *w, float *dx, const ck_epilogue *epilogue) {
  if (s->batch <= 0 || s->in_h <= 0 || s->in_w <= 0) return;
  few f = {.kernels = ck_matrix_current(), .conv = ck_conv_current(), .pool = pool, .shape = s,
           .from = dy, .w = w, .to = dx};
  if (epilogue) f.epilogue = *epilogue;
  f.epilogue.bias_per_row = 1;
  f.plane_rows = ck_max(s->out_h, ck_ceil_div(s->in_h, 2)) + 2;
  // Whole cache lines; the zero behind a row is also the one before the next.
  f.row_step = ck_round_up(ck_max(s->out_w, ck_ceil_div(s->in_w, 2)) + 1, 16);
  f.channel_step = f.plane_rows * f.row_step;
  f.w_packed = ck_scratch(pool, 0, CK_SCRATCH_SHARED, s->out_channels * s->in_channels * 16);
  float *to = f.w_packed;
  for (long o = 0; o < s->out_channels; o++)
    for (long tap = 0; tap < 16; tap++) {
      long row = 1 - tap / 8 + tap / 2 % 2 * 2, col = 1 - tap / 4 % 2 + tap % 2 * 2;
      for (long c = 0; c < s->in_channels; c++)
        *to++ = w[((o * s->in_channels + c) * 4 + row) * 4 + col];
    }
  ck_parallel(pool, ck_ceil_div(s->batch, GROUP), backward_images, &f);
}
