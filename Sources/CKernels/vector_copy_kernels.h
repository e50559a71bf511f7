// Moving numbers about: units are elements, rows or images.

static void add_scaled(const void *args, long begin, long end) {
  const ck_copy_args *a = args;
  const f16v scale = splat16(a->scale);
  LANES(begin, end, OUT(a->y.to, fma16(IN(a->x), scale, IN(a->y.to))););
}

static void fill(const void *args, long begin, long end) {
  const ck_copy_args *a = args;
  LANES(begin, end, OUT(a->y.to, splat16(a->scale)););
}

static void copy(const void *args, long begin, long end) {
  const ck_copy_args *a = args;
  LANES(begin, end, GIVE(a->y, IN(a->x)););
}

/// One row: y = or += x.
CK_INLINE void copy_row(const float *x, float *y, int add, long cols) {
  ck_gradient to = {y, add};
  LANES(0, cols, GIVE(to, IN(x)););
}

static void copy_rows(const void *args, long begin, long end) {
  const ck_copy_args *a = args;
  for (long r = begin; r < end; r++)
    copy_row(a->x + r * a->x_stride, a->y.to + r * a->y_stride, a->y.add, a->cols);
}

/// Units are rows of the result: y[batch, cols, rows] from x[batch, rows, cols].
static void transpose(const void *args, long begin, long end) {
  const ck_copy_args *a = args;
  for (long unit = begin; unit < end; unit++) {
    const float *x = a->x + unit / a->cols * a->rows * a->cols + unit % a->cols;
    float *y = a->y.to + unit * a->rows;
    for (long r = 0; r < a->rows; r++) y[r] = add_if(a->y.add, y[r], x[r * a->cols]);
  }
}

static void repeat_rows(const void *args, long begin, long end) {
  const ck_copy_args *a = args;
  for (long r = begin; r < end; r++)
    copy_row(a->x + r / a->times * a->cols, a->y.to + r * a->cols, 0, a->cols);
}

static void repeat_rows_backward(const void *args, long begin, long end) {
  const ck_copy_args *a = args;
  for (long r = begin; r < end; r++) {
    const float *x = a->x + r * a->times * a->cols;
    const ck_gradient y = {a->y.to + r * a->cols, a->y.add};
    LANES(0, a->cols, {
      f16v sum = splat16(0.0f);
      for (long t = 0; t < a->times; t++) sum += IN(x + t * a->cols);
      GIVE(y, sum);
    });
  }
}

/// Units are rows of the small image.
static void upsample(const void *args, long begin, long end) {
  const ck_copy_args *a = args;
  long k = a->times, width = a->cols * k;
  for (long r = begin; r < end; r++) {
    const float *x = a->x + r * a->cols;
    float *y = a->y.to + r * k * width;
    for (long c = 0; c < a->cols; c++)
      for (long j = 0; j < k; j++) y[c * k + j] = x[c];
    for (long j = 1; j < k; j++) memcpy(y + j * width, y, (size_t)width * sizeof *y);
  }
}

static void upsample_backward(const void *args, long begin, long end) {
  const ck_copy_args *a = args;
  long k = a->times, width = a->cols * k;
  for (long r = begin; r < end; r++) {
    const float *x = a->x + r * k * width;
    float *y = a->y.to + r * a->cols;
    for (long c = 0; c < a->cols; c++) {
      float sum = 0;
      for (long i = 0; i < k; i++)
        for (long j = 0; j < k; j++) sum += x[i * width + c * k + j];
      y[c] = add_if(a->y.add, y[c], sum);
    }
  }
}
