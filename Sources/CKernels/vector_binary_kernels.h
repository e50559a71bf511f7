// Functions of two arrays, the second stretched over the first where it is smaller.

CK_INLINE f16v binary16(const ck_binary_op op, f16v a, f16v b) {
  switch (op) {
  case CK_BINARY_ADD:
    return a + b;
  case CK_BINARY_SUBTRACT:
    return a - b;
  case CK_BINARY_MULTIPLY:
    return a * b;
  case CK_BINARY_DIVIDE:
    return a / b;
  case CK_BINARY_MAXIMUM:
    return max16(a, b);
  case CK_BINARY_SUBTRACT_FROM:
    return b - a;
  case CK_BINARY_DIVIDE_INTO:
    return b / a;
  }
}

CK_INLINE f16v binary_by_a16(const ck_binary_op op, f16v a, f16v b, f16v g) {
  switch (op) {
  case CK_BINARY_ADD:
  case CK_BINARY_SUBTRACT:
    return g;
  case CK_BINARY_MULTIPLY:
    return g * b;
  case CK_BINARY_DIVIDE:
    return g / b;
  case CK_BINARY_MAXIMUM:
    return select16((a >= b) | (a != a), g, splat16(0.0f));
  case CK_BINARY_SUBTRACT_FROM:
    return -g;
  case CK_BINARY_DIVIDE_INTO:
    return -g * (b / a) / a;
  }
}

CK_INLINE f16v binary_by_b16(const ck_binary_op op, f16v a, f16v b, f16v g) {
  switch (op) {
  case CK_BINARY_ADD:
  case CK_BINARY_SUBTRACT_FROM:
    return g;
  case CK_BINARY_SUBTRACT:
    return -g;
  case CK_BINARY_MULTIPLY:
    return g * a;
  case CK_BINARY_DIVIDE:
    return -g * (a / b) / b;
  case CK_BINARY_MAXIMUM:
    return select16((a >= b) | (a != a), splat16(0.0f), g);
  case CK_BINARY_DIVIDE_INTO:
    return g / a;
  }
}

/// Which of a (1) and b (2) the gradients read: sums read neither, and may be given NULL.
CK_INLINE int reads_a(const ck_binary_op op) {
  return op != CK_BINARY_ADD && op != CK_BINARY_SUBTRACT && op != CK_BINARY_SUBTRACT_FROM;
}

/// b at element i of row r.
CK_INLINE f16v stretched_b16(const ck_binary_args *s, const ck_broadcast kind, long r, long i,
                             int m) {
  switch (kind) {
  case CK_BROADCAST_SAME:
    return load_part16(s->b + i, m);
  case CK_BROADCAST_SCALAR:
    return splat16(s->b[0]);
  case CK_BROADCAST_ROW:
    return load_part16(s->b + (i - r * s->inner), m);
  case CK_BROADCAST_CHANNEL:
    return splat16(s->b[r % s->channels]);
  }
}

enum { FORWARD, BY_A, BY_B };

/// One of the three functions over units begin ..< end: rows of `inner` elements where b is
/// stretched by rows, elements otherwise.
CK_INLINE void binary_units(const ck_binary_args *s, const ck_binary_op op,
                            const ck_broadcast kind, const int what, long begin, long end) {
  const int by_rows = kind == CK_BROADCAST_ROW || kind == CK_BROADCAST_CHANNEL;
  for (long r = by_rows ? begin : 0; r < (by_rows ? end : 1); r++) {
    long first = by_rows ? r * s->inner : begin, last = by_rows ? first + s->inner : end;
    LANES(first, last, {
      if (what == FORWARD) {
        OUT(s->out.to, binary16(op, IN(s->a), stretched_b16(s, kind, r, i, m)));
      } else {
        f16v zero = splat16(0.0f);
        f16v a = reads_a(op) ? IN(s->a) : zero;
        f16v b = reads_a(op) ? stretched_b16(s, kind, r, i, m) : zero;
        f16v g = IN(s->dy);
        GIVE(s->out, what == BY_A ? binary_by_a16(op, a, b, g) : binary_by_b16(op, a, b, g));
      }
    });
  }
}

#define FOR_EACH_OP(CASE)                                                                          \
  CASE(CK_BINARY_ADD)                                                                              \
  CASE(CK_BINARY_SUBTRACT)                                                                         \
  CASE(CK_BINARY_MULTIPLY)                                                                         \
  CASE(CK_BINARY_DIVIDE)                                                                           \
  CASE(CK_BINARY_MAXIMUM)                                                                          \
  CASE(CK_BINARY_SUBTRACT_FROM)                                                                    \
  CASE(CK_BINARY_DIVIDE_INTO)

CK_INLINE void binary_kinds(const ck_binary_args *s, const ck_binary_op op, const int what,
                            long begin, long end) {
  switch (s->kind) {
  case CK_BROADCAST_SAME:
    binary_units(s, op, CK_BROADCAST_SAME, what, begin, end);
    break;
  case CK_BROADCAST_SCALAR:
    binary_units(s, op, CK_BROADCAST_SCALAR, what, begin, end);
    break;
  case CK_BROADCAST_ROW:
    binary_units(s, op, CK_BROADCAST_ROW, what, begin, end);
    break;
  case CK_BROADCAST_CHANNEL:
    binary_units(s, op, CK_BROADCAST_CHANNEL, what, begin, end);
    break;
  }
}

static void binary(const void *args, long begin, long end) {
  const ck_binary_args *s = args;
  switch (s->op) {
#define CASE(op)                                                                                   \
  case op:                                                                                         \
    binary_kinds(s, op, FORWARD, begin, end);                                                      \
    break;
    FOR_EACH_OP(CASE)
#undef CASE
  }
}

static void binary_backward_a(const void *args, long begin, long end) {
  const ck_binary_args *s = args;
  switch (s->op) {
#define CASE(op)                                                                                   \
  case op:                                                                                         \
    binary_kinds(s, op, BY_A, begin, end);                                                         \
    break;
    FOR_EACH_OP(CASE)
#undef CASE
  }
}

static void binary_backward_b(const void *args, long begin, long end) {
  const ck_binary_args *s = args;
  switch (s->op) {
#define CASE(op)                                                                                   \
  case op:                                                                                         \
    binary_units(s, op, CK_BROADCAST_SAME, BY_B, begin, end);                                      \
    break;
    FOR_EACH_OP(CASE)
#undef CASE
  }
}

/// The term of a sum over the elements that share one b.
CK_INLINE f16v binary_term16(const ck_binary_args *s, const ck_broadcast kind, long r, long i,
                             int m) {
  f16v g = load_part16(s->dy + i, m);
  if (!reads_a(s->op)) return binary_by_b16(s->op, g, g, g);
  return binary_by_b16(s->op, load_part16(s->a + i, m), stretched_b16(s, kind, r, i, m), g);
}

/// Units are chunks of CK_SUM_CHUNK elements.
static void binary_sum_b(const void *args, long begin, long end) {
  const ck_binary_args *s = args;
  for (long unit = begin; unit < end; unit++) {
    long first = unit * CK_SUM_CHUNK;
    long last = first + CK_SUM_CHUNK < s->count ? first + CK_SUM_CHUNK : s->count;
    SUM(s->partial[unit], first, last, binary_term16(s, CK_BROADCAST_SCALAR, 0, i, m));
  }
}

CK_INLINE terms16 binary_column_term(const void *args, long b, long c, long i, int m) {
  (void)c;
  return (terms16){binary_term16(args, CK_BROADCAST_ROW, b, i, m), splat16(0.0f)};
}

static void binary_columns_b(const void *args, long begin, long end) {
  sum_columns_of(args, args, binary_column_term, 1, begin, end);
}

CK_INLINE terms16 binary_channel_term(const void *args, long b, long c, long i, int m) {
  (void)b;
  return (terms16){binary_term16(args, CK_BROADCAST_CHANNEL, c, i, m), splat16(0.0f)};
}

static void binary_channels_b(const void *args, long begin, long end) {
  sum_channels_of(args, args, binary_channel_term, 1, begin, end);
}
