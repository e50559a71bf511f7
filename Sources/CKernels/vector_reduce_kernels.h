// Sums, maxima and what is made of them.

/// The units of chunked sums are chunks of CK_SUM_CHUNK elements.
#define CHUNK_SUM(name, term)                                                                      \
  static void name(const void *args, long begin, long end) {                                       \
    const ck_reduce_args *a = args;                                                                \
    for (long unit = begin; unit < end; unit++) {                                                  \
      long first = unit * CK_SUM_CHUNK;                                                            \
      long last = first + CK_SUM_CHUNK < a->count ? first + CK_SUM_CHUNK : a->count;               \
      SUM(a->partial[unit], first, last, term);                                                    \
    }                                                                                              \
  }

CK_INLINE f16v square16(f16v x) { return x * x; }

CHUNK_SUM(sum, IN(a->x))
CHUNK_SUM(sum_of_squares, square16(IN(a->x)))

/// Writes the index of the first number of each chunk that is not finite, or -1.
static void first_not_finite(const void *args, long begin, long end) {
  const ck_reduce_args *a = args;
  for (long unit = begin; unit < end; unit++) {
    long first = unit * CK_SUM_CHUNK;
    long last = first + CK_SUM_CHUNK < a->count ? first + CK_SUM_CHUNK : a->count;
    i16v seen = {0};
    LANES(first, last, seen |= (bits16(IN(a->x)) & 0x7f800000) == 0x7f800000;);
    a->index[unit] = -1;
    if (!__builtin_reduce_or(seen)) continue;
    for (long i = last - 1; i >= first; i--)
      if (!(a->x[i] - a->x[i] == 0.0f)) a->index[unit] = i;
  }
}

static void sum_rows(const void *args, long begin, long end) {
  const ck_reduce_args *a = args;
  for (long r = begin; r < end; r++) {
    double total;
    SUM(total, r * a->cols, (r + 1) * a->cols, IN(a->x));
    a->out.to[r] = (float)total;
  }
}

static void spread_rows(const void *args, long begin, long end) {
  const ck_reduce_args *a = args;
  for (long r = begin; r < end; r++) {
    f16v g = splat16(a->scale * a->g[r]);
    LANES(r * a->cols, (r + 1) * a->cols, GIVE(a->out, g););
  }
}

static void spread_columns(const void *args, long begin, long end) {
  const ck_reduce_args *a = args;
  for (long r = begin; r < end; r++) {
    ck_gradient row = {a->out.to + r * a->cols, a->out.add};
    LANES(0, a->cols, GIVE(row, IN(a->g) * a->scale););
  }
}

CK_INLINE terms16 element_term(const void *args, long b, long c, long i, int m) {
  (void)b, (void)c;
  const ck_reduce_args *a = args;
  return (terms16){load_part16(a->x + i, m), splat16(0.0f)};
}

static void sum_columns(const void *args, long begin, long end) {
  sum_columns_of(args, args, element_term, 1, begin, end);
}

static void sum_channels(const void *args, long begin, long end) {
  sum_channels_of(args, args, element_term, 1, begin, end);
}

/// The derivative by an activation's input, stored and summed.
CK_INLINE terms16 activation_term(const ck_activation op, const void *args, long i, int m) {
  const ck_reduce_args *a = args;
  f16v g = load_part16(a->g + i, m);
  f16v y = op == CK_ACTIVATION_NONE ? g : load_part16(a->y + i, m);
  f16v dz = activation_derivative16(op, y, g, splat16(a->scale));
  if (a->out.to) store_part16(a->out.to + i, dz, m);
  return (terms16){dz, splat16(0.0f)};
}

#define FOR_EACH_ACTIVATION(CASE)                                                                  \
  CASE(NONE)                                                                                       \
  CASE(RELU)                                                                                       \
  CASE(LEAKY_RELU)                                                                                 \
  CASE(TANH)                                                                                       \
  CASE(SIGMOID)                                                                                    \
  CASE(ELU)                                                                                        \
  CASE(SOFTPLUS)

#define TERM(name)                                                                                 \
  CK_INLINE terms16 activation_term_##name(const void *args, long b, long c, long i, int m) {      \
    (void)b, (void)c;                                                                              \
    return activation_term(CK_ACTIVATION_##name, args, i, m);                                      \
  }
FOR_EACH_ACTIVATION(TERM)
#undef TERM

static void activation_columns(const void *args, long begin, long end) {
  const ck_reduce_args *a = args;
  switch (a->activation) {
#define CASE(name)                                                                                 \
  case CK_ACTIVATION_##name:                                                                       \
    sum_columns_of(args, args, activation_term_##name, 1, begin, end);                             \
    break;
    FOR_EACH_ACTIVATION(CASE)
#undef CASE
  default:
    break;
  }
}

static void activation_channels(const void *args, long begin, long end) {
  const ck_reduce_args *a = args;
  switch (a->activation) {
#define CASE(name)                                                                                 \
  case CK_ACTIVATION_##name:                                                                       \
    sum_channels_of(args, args, activation_term_##name, 1, begin, end);                            \
    break;
    FOR_EACH_ACTIVATION(CASE)
#undef CASE
  default:
    break;
  }
}

/// The largest of a row, NaN if there is one.
CK_INLINE float row_maximum(const float *x, long cols) {
  const f16v lowest = splat16(-__builtin_inff());
  f16v largest = lowest;
  LANES(0, cols, {
    f16v v = IN(x);
    largest = max16(largest, select16(lane_numbers16() < (i16v)(m), v, lowest));
  });
  return max_of16(largest);
}

static void max_rows(const void *args, long begin, long end) {
  const ck_reduce_args *a = args;
  for (long r = begin; r < end; r++)
    a->out.to[r] = row_maximum(a->x + r * a->cols, a->cols);
}

/// log Σ exp(x) of a row.
CK_INLINE float row_log_sum_exp(const float *x, long cols) {
  float largest = row_maximum(x, cols);
  if (!(largest - largest == 0.0f)) return largest;
  double total;
  SUM(total, 0, cols, exp16(IN(x) - largest));
  return largest + log16(splat16((float)total)).s0;
}

static void log_sum_exp(const void *args, long begin, long end) {
  const ck_reduce_args *a = args;
  for (long r = begin; r < end; r++)
    a->out.to[r] = row_log_sum_exp(a->x + r * a->cols, a->cols);
}

static void log_sum_exp_backward(const void *args, long begin, long end) {
  const ck_reduce_args *a = args;
  for (long r = begin; r < end; r++) {
    float y = a->y[r], g = a->g[r];
    LANES(r * a->cols, (r + 1) * a->cols, GIVE(a->out, exp16(IN(a->x) - y) * g););
  }
}

static void softmax(const void *args, long begin, long end) {
  const ck_reduce_args *a = args;
  for (long r = begin; r < end; r++) {
    const float *x = a->x + r * a->cols;
    float *y = a->out.to + r * a->cols;
    float largest = row_maximum(x, a->cols);
    double total;
    SUM(total, 0, a->cols, exp16(IN(x) - largest));
    float scale = (float)(1.0 / total);
    LANES(0, a->cols, OUT(y, exp16(IN(x) - largest) * scale););
  }
}

static void softmax_backward(const void *args, long begin, long end) {
  const ck_reduce_args *a = args;
  for (long r = begin; r < end; r++) {
    long first = r * a->cols, last = first + a->cols;
    double total;
    SUM(total, first, last, IN(a->y) * IN(a->g));
    float mean = (float)total;
    LANES(first, last, GIVE(a->out, IN(a->y) * (IN(a->g) - mean)););
  }
}
