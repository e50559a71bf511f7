#include <string.h>

#include "conv/images_private.h"

long ck_taps_before(const ck_image_product *p, long row_phase, long col_phase) {
  long before = 0;
  for (long i = 0; i < row_phase; i++) before += ck_phase_taps(p->kernel_h, p->rows.tap_step, i);
  before *= p->kernel_w;
  long rows = ck_phase_taps(p->kernel_h, p->rows.tap_step, row_phase);
  for (long j = 0; j < col_phase; j++)
    before += rows * ck_phase_taps(p->kernel_w, p->cols.tap_step, j);
  return before;
}

/// Where tap (i, j) of source channel 0 is packed, and how far the next channel's is, in taps.
typedef struct place {
  long first, step;
} place;

static place place_of(const ck_image_product *p, long i, long j) {
  long row_phase = i % p->rows.tap_step, col_phase = j % p->cols.tap_step;
  long rows = ck_phase_taps(p->kernel_h, p->rows.tap_step, row_phase);
  long cols = ck_phase_taps(p->kernel_w, p->cols.tap_step, col_phase);
  long number = i / p->rows.tap_step * cols + j / p->cols.tap_step;
  return (place){ck_taps_before(p, row_phase, col_phase) * p->sources + number, rows * cols};
}

void ck_pack_weights(void *context, long task, int worker) {
  (void)worker;
  const ck_image_product *p = context;
  long tiles = ck_tiles(p->kernels, p->targets);
  long row = ck_part(p->targets, tiles, task);
  long height = ck_part(p->targets, tiles, task + 1) - row, depth = p->sources * p->taps;
  float *to = p->w_packed + row * depth;
  if (!p->w_by_source) {  // one phase
    p->kernels->transpose(p->w + row * depth, depth, height, depth, to, height, 0);
    return;
  }
  place places[MOST_TAPS];
  for (long tap = 0; tap < p->taps; tap++)
    places[tap] = place_of(p, tap / p->kernel_w, tap % p->kernel_w);
  float taps[MOST_TAPS * MOST_ROWS];
  for (long c = 0; c < p->sources; c++) {
    p->kernels->transpose(p->w + (c * p->targets + row) * p->taps, p->taps, height, p->taps, taps,
                          MOST_ROWS, 1);
    for (long tap = 0; tap < p->taps; tap++)
      memcpy(to + (places[tap].first + c * places[tap].step) * height, taps + tap * MOST_ROWS,
             (size_t)height * sizeof(float));
  }
}

/// Some rows of `cols` floats, of all images of the band; whole rows of the image are one long row.
typedef struct rows {
  long count, cols, step;  // from one row to the next
} rows;

static rows rows_of(long count, long cols, long width) {
  return cols == width ? (rows){1, count * cols, 0} : (rows){count, cols, width};
}

void ck_load_pixels(const ck_image_product *p, const ck_band *b, long channel, long channels) {
  long area = p->source_h * p->source_w, image_step = p->sources * area;
  rows r = rows_of(b->high - b->low, b->right - b->left, p->source_w);
  const float *from =
      p->from + b->image * image_step + channel * area + b->low * p->source_w + b->left;
  for (long c = 0; c < channels; c++)
    for (long i = 0; i < r.count; i++)
      p->kernels->transpose(from + c * area + i * r.step, image_step, b->images, r.cols,
                            b->pixels + c * b->channel_step + i * r.cols * IMAGES, IMAGES, 1);
}

void ck_load_sums(const ck_image_product *p, const ck_band *b) {
  long area = p->target_h * p->target_w, image_step = p->targets * area;
  rows r = rows_of(b->rows, b->cols, p->target_w);
  const float *from =
      p->to + b->image * image_step + b->target * area + b->row * p->target_w + b->col;
  for (long c = 0; c < b->targets; c++)
    for (long i = 0; i < r.count; i++)
      p->kernels->transpose(from + c * area + i * r.step, image_step, b->images, r.cols,
                            b->sums + c * b->sums_step + i * r.cols * IMAGES, IMAGES, 1);
}

void ck_store_sums(const ck_image_product *p, const ck_band *b) {
  long area = p->target_h * p->target_w, image_step = p->targets * area;
  rows r = rows_of(b->rows, b->cols, p->target_w);
  if (ck_has_epilogue(&p->epilogue) && !ck_ends_in_tile(p))
    p->kernels->finish(&p->epilogue, b->target, 0, b->targets, b->rows * b->cols * IMAGES, b->sums,
                       b->sums_step, b->sums, b->sums_step);
  float *to = p->to + b->image * image_step + b->target * area + b->row * p->target_w + b->col;
  for (long c = 0; c < b->targets; c++)
    for (long i = 0; i < r.count; i++) {
      float *row = to + c * area + i * r.step;
      // The 16 images lie a power of 2 apart or nearly so: without notice every line waits its turn.
      if (c + 1 < b->targets) p->conv->expect(row + area, image_step, b->images, r.cols);
      p->kernels->transpose(b->sums + c * b->sums_step + i * r.cols * IMAGES, IMAGES, r.cols,
                            b->images, row, image_step, 0);
    }
}
