// Batch and layer normalisation. Where `inner` is 1 a channel is a column: units are rows of
// [batch, channels]; else units are the images of single channels, [batch · channels, inner].

/// Per-channel numbers: those of 16 columns from c on, or one channel's in every lane.
CK_INLINE f16v channel_values16(const float *p, const int columns, long c, int m, float missing) {
  if (!p) return splat16(missing);
  return columns ? load_part16(p + c, m) : splat16(p[c]);
}

CK_INLINE terms16 square_deviation_term(const void *args, const int columns, long c, long i,
                                        int m) {
  const ck_norm_args *a = args;
  f16v d = load_part16(a->x + i, m) - channel_values16(a->mean, columns, c, m, 0);
  return (terms16){d * d, splat16(0.0f)};
}

CK_INLINE f16v normalised16(const ck_norm_args *a, const int columns, long c, long i, int m) {
  f16v d = load_part16(a->x + i, m) - channel_values16(a->given_mean, columns, c, m, 0);
  return d * channel_values16(a->given_inverse, columns, c, m, 1);
}

CK_INLINE terms16 batch_norm_sums_term(const void *args, const int columns, long c, long i,
                                       int m) {
  const ck_norm_args *a = args;
  f16v dy = load_part16(a->dy + i, m);
  return (terms16){dy, dy * normalised16(a, columns, c, i, m)};
}

#define NORM_SUMS(name, results)                                                                   \
  CK_INLINE terms16 name##_of_column(const void *args, long b, long c, long i, int m) {            \
    (void)b;                                                                                       \
    return name##_term(args, 1, c, i, m);                                                          \
  }                                                                                                \
  CK_INLINE terms16 name##_of_channel(const void *args, long b, long c, long i, int m) {           \
    (void)b;                                                                                       \
    return name##_term(args, 0, c, i, m);                                                          \
  }                                                                                                \
  static void name##_columns(const void *args, long begin, long end) {                             \
    sum_columns_of(args, args, name##_of_column, results, begin, end);                             \
  }                                                                                                \
  static void name##_channels(const void *args, long begin, long end) {                            \
    sum_channels_of(args, args, name##_of_channel, results, begin, end);                           \
  }

NORM_SUMS(square_deviation, 1)
NORM_SUMS(batch_norm_sums, 2)

CK_INLINE void batch_norm_at(const ck_norm_args *a, const int columns, long c, long i, int m) {
  f16v d = IN(a->x) - channel_values16(a->given_mean, columns, c, m, 0);
  f16v inverse = channel_values16(a->given_inverse, columns, c, m, 1);
  f16v scale = inverse * channel_values16(a->scale, columns, c, m, 1);
  OUT(a->y, fma16(d, scale, channel_values16(a->shift, columns, c, m, 0)));
}

static void batch_norm_rows(const void *args, long begin, long end) {
  const ck_norm_args *a = args;
  for (long r = begin; r < end; r++) {
    long first = r * a->channels;
    LANES(first, first + a->channels, batch_norm_at(a, 1, i - first, i, m););
  }
}

static void batch_norm_channels(const void *args, long begin, long end) {
  const ck_norm_args *a = args;
  for (long r = begin; r < end; r++)
    LANES(r * a->inner, (r + 1) * a->inner, batch_norm_at(a, 0, r % a->channels, i, m););
}

CK_INLINE void batch_norm_backward_at(const ck_norm_args *a, const int columns, long c, long i,
                                      int m) {
  f16v inverse = channel_values16(a->given_inverse, columns, c, m, 1);
  f16v scale = inverse * channel_values16(a->scale, columns, c, m, 1);
  f16v dy = IN(a->dy);
  if (!a->frozen) {
    float share = (float)(1.0 / a->count);
    f16v x = normalised16(a, columns, c, i, m);
    f16v sum = channel_values16(a->sum_dy, columns, c, m, 0);
    f16v sum_x = channel_values16(a->sum_dy_xhat, columns, c, m, 0);
    dy -= fma16(x, sum_x, sum) * share;
  }
  GIVE(a->dx, scale * dy);
}

static void batch_norm_backward_rows(const void *args, long begin, long end) {
  const ck_norm_args *a = args;
  for (long r = begin; r < end; r++) {
    long first = r * a->channels;
    LANES(first, first + a->channels, batch_norm_backward_at(a, 1, i - first, i, m););
  }
}

static void batch_norm_backward_channels(const void *args, long begin, long end) {
  const ck_norm_args *a = args;
  for (long r = begin; r < end; r++)
    LANES(r * a->inner, (r + 1) * a->inner, batch_norm_backward_at(a, 0, r % a->channels, i, m););
}

/// p at column i - first, or `missing` if there is no p.
#define COLUMN(p, missing) ((p) ? load_part16((p) + (i - first), m) : splat16(missing))

static void layer_norm(const void *args, long begin, long end) {
  const ck_norm_args *a = args;
  for (long r = begin; r < end; r++) {
    long first = r * a->cols, last = first + a->cols;
    double total;
    SUM(total, first, last, IN(a->x));
    const float mean = (float)(total / (double)a->cols);
    SUM(total, first, last, square16(IN(a->x) - mean));
    const double variance = total / (double)a->cols;
    const float inverse = (float)(1.0 / __builtin_sqrt(variance + (double)a->epsilon));
    a->mean[r] = mean;
    a->inverse[r] = inverse;
    LANES(first, last, {
      f16v x = (IN(a->x) - mean) * inverse;
      OUT(a->y, fma16(x, COLUMN(a->scale, 1), COLUMN(a->shift, 0)));
    });
  }
}

static void layer_norm_backward(const void *args, long begin, long end) {
  const ck_norm_args *a = args;
  for (long r = begin; r < end; r++) {
    long first = r * a->cols, last = first + a->cols;
    const float mean = a->given_mean[r], inverse = a->given_inverse[r];
    double sum_g, sum_gx;
    SUM(sum_g, first, last, IN(a->dy) * COLUMN(a->scale, 1));
    SUM(sum_gx, first, last, IN(a->dy) * COLUMN(a->scale, 1) * ((IN(a->x) - mean) * inverse));
    const float mean_g = (float)(sum_g / (double)a->cols);
    const float mean_gx = (float)(sum_gx / (double)a->cols);
    LANES(first, last, {
      f16v x = (IN(a->x) - mean) * inverse;
      f16v g = IN(a->dy) * COLUMN(a->scale, 1);
      GIVE(a->dx, (g - fma16(x, splat16(mean_gx), splat16(mean_g))) * inverse);
    });
  }
}

CK_INLINE terms16 layer_norm_term(const void *args, long b, long c, long i, int m) {
  (void)c;
  const ck_norm_args *a = args;
  f16v dy = load_part16(a->dy + i, m);
  f16v x = (load_part16(a->x + i, m) - a->given_mean[b]) * a->given_inverse[b];
  return (terms16){dy * x, dy};
}

static void layer_norm_columns(const void *args, long begin, long end) {
  sum_columns_of(args, args, layer_norm_term, 2, begin, end);
}
