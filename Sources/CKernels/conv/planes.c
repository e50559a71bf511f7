#include <string.h>

#include "conv/planes.h"

ck_planes ck_planes_make(long channels, long height, long width, long first_row, long rows,
                         long first_col, long cols, long stride) {
  ck_planes p = {channels, height, width, first_row, rows, first_col, cols, .stride = stride};
  p.segment = ck_ceil_div(cols, stride);
  p.row_step = p.segment * stride;
  p.channel_step = p.row_step * rows;
  p.image_step = p.channel_step * channels;
  return p;
}

static void fill_segment(const ck_planes *p, const float *row, long s, float *to) {
  // Column j of the segment is column first_col + s + j·stride of the image.
  long start = p->first_col + s;
  long before = start >= 0 ? 0 : ck_min(p->segment, ck_ceil_div(-start, p->stride));
  long end = start >= p->width ? 0 : ck_min(p->segment, ck_ceil_div(p->width - start, p->stride));
  end = ck_max(end, before);
  for (long j = 0; j < before; j++) to[j] = 0;
  const float *from = row + start;
  if (p->stride == 1)
    memcpy(to + before, from + before, (size_t)(end - before) * sizeof(float));
  else if (p->stride == 2)
    for (long j = before; j < end; j++) to[j] = from[2 * j];
  else
    for (long j = before; j < end; j++) to[j] = from[j * p->stride];
  for (long j = end; j < p->segment; j++) to[j] = 0;
}

void ck_planes_fill(const ck_planes *p, const float *from, long images, long all_channels,
                    long channel, float *to) {
  for (long n = 0; n < images; n++)
    for (long c = 0; c < p->channels; c++) {
      const float *image = from + (n * all_channels + channel + c) * p->height * p->width;
      for (long r = 0; r < p->rows; r++, to += p->row_step) {
        long row = p->first_row + r;
        if (row < 0 || row >= p->height)
          memset(to, 0, (size_t)p->row_step * sizeof(float));
        else
          for (long s = 0; s < p->stride; s++)
            fill_segment(p, image + row * p->width, s, to + s * p->segment);
      }
    }
  memset(to, 0, 16 * sizeof(float));
}

long ck_positions_runs(const ck_positions *p, long first, long width, ck_run *runs,
                       long *longest) {
  long count = 0, area = p->rows * p->cols;
  long image = first / area, row = first % area / p->cols, col = first % p->cols;
  *longest = 0;
  for (long done = 0; done < width;) {
    long length = ck_min(ck_min(16, p->cols - col), width - done);
    runs[count++] = (ck_run){
        .from = (int32_t)(image * p->image_step + row * p->row_step + col),
        .to = (int32_t)done,
        .length = (int32_t)length,
    };
    *longest = ck_max(*longest, length);
    done += length;
    col += length;
    if (col == p->cols) col = 0, row++;
    if (row == p->rows) row = 0, image++;
  }
  return count;
}
