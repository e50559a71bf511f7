// How convolutions image by image are cut into tasks, and the columns of a task's product.
#include <string.h>

#include "conv/ways.h"

void ck_conv_tasks(ck_pool *pool, long batch, long rows, long cols, long *groups, long *bands) {
  enum { COLUMNS = 256, BAND = 1024 };
  long area = rows * cols;
  *groups = ck_max(1, ck_min(batch, batch * area / COLUMNS));
  *bands = ck_max(1, ck_min(rows, area / BAND));
  long wanted = 4 * ck_pool_threads(pool);
  if (ck_pool_threads(pool) == 1 || *groups * *bands >= wanted) return;
  *groups = ck_max(1, ck_min(batch, batch * area / CK_PANEL));
  if (*groups < wanted && *groups == batch)
    *bands = ck_max(*bands, ck_min(rows, ck_min(ck_ceil_div(wanted, batch), area / CK_PANEL)));
}

float *ck_columns_direct(const ck_columns *c) {
  long position = c->first % c->positions;
  if (c->width % 16 || position + c->width > c->positions) return NULL;
  return c->y + c->first / c->positions * c->image_step + position;
}

void ck_columns_load(const ck_columns *c, long channels, float *tile) {
  memset(tile, 0, (size_t)(channels * CK_PANEL) * sizeof(float));
  for (long done = 0; done < c->width;) {
    long position = (c->first + done) % c->positions;
    long length = ck_min(c->positions - position, c->width - done);
    const float *y = c->y + (c->first + done) / c->positions * c->image_step + position;
    for (long i = 0; i < channels; i++)
      memcpy(tile + i * CK_PANEL + done, y + i * c->channel_step, (size_t)length * sizeof(float));
    done += length;
  }
}

void ck_columns_store(const ck_columns *c, long channels, const float *tile) {
  for (long done = 0; done < c->width;) {
    long position = (c->first + done) % c->positions;
    long length = ck_min(c->positions - position, c->width - done);
    float *y = c->y + (c->first + done) / c->positions * c->image_step + position;
    for (long i = 0; i < channels; i++)
      memcpy(y + i * c->channel_step, tile + i * CK_PANEL + done, (size_t)length * sizeof(float));
    done += length;
  }
}
