// Loops over lanes, and the sums every kernel shares. Included once for each instruction set.
#include "core/activations.h"
#include "core/double_math.h"

/// Runs the statements for i = begin, begin + 16, … below end, where `m` is the number of lanes
/// that count: 16, but for the last step.
#define LANES(begin, end, ...)                                                                     \
  do {                                                                                             \
    long i = (begin);                                                                              \
    for (; i + 16 <= (end); i += 16) {                                                             \
      const int m = 16;                                                                            \
      __VA_ARGS__                                                                                  \
    }                                                                                              \
    if (i < (end)) {                                                                               \
      const int m = (int)((end)-i);                                                                \
      __VA_ARGS__                                                                                  \
    }                                                                                              \
  } while (0)

/// Within LANES: the lanes of an array at i.
#define IN(p) load_part16((p) + i, m)
#define OUT(p, x) store_part16((p) + i, (x), m)

CK_INLINE float add_if(int add, float old, float x) { return add ? old + x : x; }

/// Writes or adds to a gradient at element i.
CK_INLINE void give16(ck_gradient to, long i, int m, f16v x) {
  if (to.add) x = load_part16(to.to + i, m) + x;
  store_part16(to.to + i, x, m);
}
#define GIVE(gradient, x) give16((gradient), i, m, (x))

/// Sets `total` (a double) to the sum of `term` over begin ..< end, in blocks.
#define SUM(total, begin, end, term)                                                               \
  do {                                                                                             \
    double sum = 0;                                                                                \
    for (long block = (begin); block < (end); block += CK_SUM_BLOCK) {                             \
      long stop = block + CK_SUM_BLOCK < (end) ? block + CK_SUM_BLOCK : (end);                     \
      f16v lanes = splat16(0.0f);                                                                  \
      LANES(block, stop, lanes += keep16((term), m););                                             \
      sum += (double)sum16(lanes);                                                                 \
    }                                                                                              \
    (total) = sum;                                                                                 \
  } while (0)

/// One or two numbers to be summed.
typedef struct terms16 {
  f16v a, b;
} terms16;

/// What is summed for the elements at i, which lie in image (or row) `b`, channel (or column) `c`.
typedef terms16 (*sum_term)(const void *args, long b, long c, long i, int m);

CK_INLINE d16v doubles16(f16v x) { return __builtin_convertvector(x, d16v); }

/// Sums for `vectors` vectors of columns from column c on; `m` lanes of the last count.
CK_INLINE void sum_some_columns(const ck_sums *s, const void *args, sum_term term, const int results,
                                long c, const int vectors, const int m) {
  d16v total[2][4] = {{0}};
  for (long begin = 0; begin < s->batch; begin += CK_ROW_BLOCK) {
    long end = begin + CK_ROW_BLOCK < s->batch ? begin + CK_ROW_BLOCK : s->batch;
    f16v sum[2][4] = {{0}};
    for (long row = begin; row < end; row++)
      for (int v = 0; v < vectors; v++) {
        terms16 t = term(args, row, c + 16 * v, row * s->channels + c + 16 * v, m);
        sum[0][v] += t.a;
        if (results > 1) sum[1][v] += t.b;
      }
    for (int r = 0; r < results; r++)
      for (int v = 0; v < vectors; v++) total[r][v] += doubles16(sum[r][v]);
  }
  for (int r = 0; r < results; r++)
    if (s->result[r].to)
      for (int v = 0; v < vectors; v++)
        give16(s->result[r], c + 16 * v, m, __builtin_convertvector(total[r][v], f16v));
}

/// Units of CK_COLUMN_BLOCK columns.
CK_INLINE void sum_columns_of(const ck_sums *s, const void *args, sum_term term, const int results,
                              long begin, long end) {
  for (long unit = begin; unit < end; unit++) {
    long c = unit * CK_COLUMN_BLOCK;
    long stop = c + CK_COLUMN_BLOCK < s->channels ? c + CK_COLUMN_BLOCK : s->channels;
    if (stop - c == 64) {
      sum_some_columns(s, args, term, results, c, 4, 16);
    } else {
      for (; c + 16 <= stop; c += 16) sum_some_columns(s, args, term, results, c, 1, 16);
      if (c < stop) sum_some_columns(s, args, term, results, c, 1, (int)(stop - c));
    }
  }
}

/// Units of one channel in one group of images. Lanes run on from image to image; they are added up
/// after at least CK_SUM_BLOCK elements.
CK_INLINE void sum_channels_of(const ck_sums *s, const void *args, sum_term term,
                               const int results, long begin, long end) {
  for (long unit = begin; unit < end; unit++) {
    long c = unit / s->groups, group = unit % s->groups;
    long first = s->batch * group / s->groups, last = s->batch * (group + 1) / s->groups;
    double total[2] = {0, 0};
    f16v sum[2] = {splat16(0.0f), splat16(0.0f)};
    long waiting = 0;
    for (long b = first; b < last; b++) {
      long start = (b * s->channels + c) * s->inner;
      for (long block = 0; block < s->inner; block += CK_SUM_BLOCK) {
        long stop = block + CK_SUM_BLOCK < s->inner ? block + CK_SUM_BLOCK : s->inner;
        LANES(start + block, start + stop, {
          terms16 t = term(args, b, c, i, m);
          sum[0] += keep16(t.a, m);
          if (results > 1) sum[1] += keep16(t.b, m);
        });
        waiting += stop - block;
        if (waiting >= CK_SUM_BLOCK || b == last - 1) {
          for (int r = 0; r < results; r++) {
            total[r] += (double)sum16(sum[r]);
            sum[r] = splat16(0.0f);
          }
          waiting = 0;
        }
      }
    }
    for (int r = 0; r < results; r++)
      s->partial[(r * s->channels + c) * s->groups + group] = total[r];
  }
}
