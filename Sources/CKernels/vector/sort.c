// Sorting, choosing and permuting: see vector_sort.h. Whole numbers, so one code for all instruction sets,
// but for looking through long rows.
#include "include/vector_sort.h"

#include <string.h>

#include "core/isa_choice.h"
#include "core/scratch.h"
#include "include/random.h"
#include "vector/kernels.h"

typedef struct work {
  ck_pool *pool;
  long rows, cols, k;
  const float *x, *from;
  const uint32_t *bits;
  float *y, *order;
  ck_gradient to;
  int forward;
  int rectified;  // of a mask: the numbers themselves, or 0 for those below
} work;

/// What stands for a chosen number.
static float chosen(int rectified, float x) { return !rectified ? 1.0f : x < 0 ? 0.0f : x; }

/// A number that orders as x does.
static uint32_t key_of(float x) {
  uint32_t bits;
  if (x != x) return UINT32_MAX;
  x += 0.0f;  // −0 becomes 0
  memcpy(&bits, &x, sizeof bits);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

/// Sorts `n` pairs of a key (upper half) and a number (lower half), given in the order of their
/// numbers, by key. `spare` has room for as many. Returns where the result is: pairs or spare.
static uint64_t *sort_pairs(uint64_t *pairs, uint64_t *spare, long n) {
  if (n <= 32) {
    for (long i = 1; i < n; i++) {
      uint64_t pair = pairs[i];
      long j = i;
      for (; j > 0 && pairs[j - 1] > pair; j--) pairs[j] = pairs[j - 1];
      pairs[j] = pair;
    }
    return pairs;
  }
  for (int shift = 32; shift < 64; shift += 8) {
    long count[256] = {0}, at = 0;
    for (long i = 0; i < n; i++) count[pairs[i] >> shift & 255]++;
    for (int digit = 0; digit < 256; digit++) {
      long here = count[digit];
      count[digit] = at;
      at += here;
    }
    for (long i = 0; i < n; i++) spare[count[pairs[i] >> shift & 255]++] = pairs[i];
    uint64_t *other = pairs;
    pairs = spare;
    spare = other;
  }
  return pairs;
}

/// Room for twice `n` pairs.
static uint64_t *pairs_for(const work *w, int worker, long n) {
  return (uint64_t *)(void *)ck_scratch(w->pool, worker, CK_SCRATCH_ROWS, 4 * n);
}

static void sort_row(void *context, long row, int worker) {
  const work *w = context;
  const float *x = w->x + row * w->cols;
  uint64_t *pairs = pairs_for(w, worker, w->cols);
  for (long i = 0; i < w->cols; i++) pairs[i] = (uint64_t)key_of(x[i]) << 32 | (uint32_t)i;
  pairs = sort_pairs(pairs, pairs + w->cols, w->cols);
  for (long i = 0; i < w->cols; i++) {
    uint32_t number = (uint32_t)pairs[i];
    w->order[row * w->cols + i] = (float)number;
    w->y[row * w->cols + i] = x[number];
  }
}

/// Small work is not worth waking a thread.
static ck_pool *pool_for(ck_pool *pool, long elements) { return elements < 8192 ? NULL : pool; }

void ck_sort_rows(ck_pool *pool, long rows, long cols, const float *x, float *y, float *order) {
  ck_pool *used = pool_for(pool, rows * cols);
  work w = {.pool = used, .rows = rows, .cols = cols, .x = x, .y = y, .order = order};
  ck_parallel(used, rows, sort_row, &w);
}

static void unsort_row(void *context, long row, int worker) {
  (void)worker;
  const work *w = context;
  const float *order = w->from + row * w->cols, *dy = w->x + row * w->cols;
  float *dx = w->to.to + row * w->cols;
  for (long i = 0; i < w->cols; i++) {
    long at = (long)order[i];
    dx[at] = w->to.add ? dx[at] + dy[i] : dy[i];
  }
}

void ck_unsort_rows(ck_pool *pool, long rows, long cols, const float *order, const float *dy,
                    ck_gradient dx) {
  if (!dx.to) return;
  work w = {.rows = rows, .cols = cols, .x = dy, .from = order, .to = dx};
  ck_parallel(pool_for(pool, rows * cols), rows, unsort_row, &w);
}

/// The key of rank `rank` from the top (0 is the largest) among keys, and how many are above it:
/// eleven bits of the key at a time.
static uint32_t select_key(const uint32_t *keys, long n, long rank, long *above) {
  static const int shifts[3] = {21, 10, 0}, widths[3] = {11, 11, 10};
  uint32_t prefix = 0, mask = 0;
  *above = 0;
  for (int pass = 0; pass < 3; pass++) {
    long count[2048] = {0};
    const uint32_t digits = (1u << widths[pass]) - 1;
    for (long i = 0; i < n; i++)
      if ((keys[i] & mask) == prefix) count[keys[i] >> shifts[pass] & digits]++;
    uint32_t digit = digits;
    while (*above + count[digit] <= rank) *above += count[digit--];
    prefix |= digit << shifts[pass];
    mask |= digits << shifts[pass];
  }
  return prefix;
}

/// The pairs of x at some places, sorted by key.
static uint64_t *sorted_at(const work *w, int worker, const float *x, const int32_t *places, long n) {
  uint64_t *pairs = pairs_for(w, worker, n);
  for (long i = 0; i < n; i++) {
    long place = places ? places[i] : i;
    pairs[i] = (uint64_t)key_of(x[place]) << 32 | (uint32_t)place;
  }
  return sort_pairs(pairs, pairs + n, n);
}

enum { MOST_MAXIMA = CK_MOST_ENTRIES, MOST_CANDIDATES = 4096 };

/// The places of the k largest of a row much longer than k, in no order: a number that at least k reach is found
/// among the maxima of some parts, and only the few numbers that reach it are sorted. Zeros are written to
/// `mask`, where there is one. Returns 0, with nothing done that counts, where there is no such number, too many
/// reach it, or a number is NaN.
static int places_in_long_row(const work *w, const float *x, long cols, long k, float *mask,
                              int32_t *chosen, int worker) {
  float maxima[MOST_MAXIMA];
  int32_t places[MOST_CANDIDATES];
  ck_top_args a = {.cols = cols, .x = x, .maxima = maxima, .mask = mask, .places = places};
  a.groups = (2 * k + 15) / 16;
  a.most = MOST_CANDIDATES;
  if (a.groups > MOST_MAXIMA / 16 || cols < 8 * 16 * a.groups) return 0;
  CK_CURRENT(ck_kernels)[CK_KERNEL_top_maxima](&a, 0, a.groups);
  const uint64_t *sorted = sorted_at(w, worker, maxima, NULL, 16 * a.groups);
  a.least = maxima[(uint32_t)sorted[16 * a.groups - k]];
  long count = 0;
  a.count = &count;
  CK_CURRENT(ck_kernels)[CK_KERNEL_top_candidates](&a, 0, 1);
  if (count < k || count > a.most) return 0;
  sorted = sorted_at(w, worker, x, places, count);
  // Of equal numbers the first: those that are not the last of the sorted.
  uint32_t least = (uint32_t)(sorted[count - k] >> 32);
  long from = count - k, above = count - k;
  while (from > 0 && (uint32_t)(sorted[from - 1] >> 32) == least) from--;
  while (above < count && (uint32_t)(sorted[above] >> 32) == least) above++;
  long equal = k - (count - above);
  for (long i = 0; i < equal; i++) chosen[i] = (int32_t)(uint32_t)sorted[from + i];
  for (long i = above; i < count; i++) chosen[equal + i - above] = (int32_t)(uint32_t)sorted[i];
  return 1;
}

static void mask_row(void *context, long row, int worker) {
  const work *w = context;
  const float *x = w->x + row * w->cols;
  float *mask = w->y + row * w->cols;
  int32_t places[MOST_MAXIMA];
  if (w->k > 0 && places_in_long_row(w, x, w->cols, w->k, mask, places, worker)) {
    for (long i = 0; i < w->k; i++) mask[places[i]] = chosen(w->rectified, x[places[i]]);
    return;
  }
  if (w->k >= w->cols || w->k <= 0) {
    for (long i = 0; i < w->cols; i++) mask[i] = w->k > 0 ? chosen(w->rectified, x[i]) : 0.0f;
    return;
  }
  uint32_t *keys = (uint32_t *)(void *)ck_scratch(w->pool, worker, CK_SCRATCH_ROWS, w->cols);
  for (long i = 0; i < w->cols; i++) keys[i] = key_of(x[i]);
  long above, equal;
  uint32_t least = select_key(keys, w->cols, w->k - 1, &above);
  equal = w->k - above;
  for (long i = 0; i < w->cols; i++) {
    int is_tie = keys[i] == least;
    mask[i] = keys[i] > least || (is_tie && equal > 0) ? chosen(w->rectified, x[i]) : 0.0f;
    equal -= is_tie;
  }
}

/// The places of the k largest of some numbers, ascending; of all, where k is no less. `places` has room for k.
static long top_places(const work *w, const float *x, long cols, long k, int32_t *places,
                       int worker) {
  long count = 0;
  if (k >= cols) {
    for (; count < cols; count++) places[count] = (int32_t)count;
    return count;
  }
  if (!places_in_long_row(w, x, cols, k, NULL, places, worker)) {
    uint32_t *keys = (uint32_t *)(void *)ck_scratch(w->pool, worker, CK_SCRATCH_ROWS, cols);
    for (long i = 0; i < cols; i++) keys[i] = key_of(x[i]);
    long above;
    uint32_t least = select_key(keys, cols, k - 1, &above);
    long equal = k - above;
    for (long i = 0; i < cols; i++) {
      int is_tie = keys[i] == least;
      if (keys[i] > least || (is_tie && equal > 0)) places[count++] = (int32_t)i;
      equal -= is_tie;
    }
    return count;
  }
  uint64_t *pairs = pairs_for(w, worker, k);
  for (; count < k; count++) pairs[count] = (uint64_t)(uint32_t)places[count] << 32;
  const uint64_t *sorted = sort_pairs(pairs, pairs + k, k);
  for (long i = 0; i < k; i++) places[i] = (int32_t)(sorted[i] >> 32);
  return count;
}

/// The columns that may be chosen, and where the choice goes.
typedef struct choice {
  work of;
  const int32_t *columns;  // NULL: all
  long count;
  ck_entries to;
} choice;

static void choose_row(void *context, long row, int worker) {
  const choice *c = context;
  const work *w = &c->of;
  const float *x = w->x + row * w->cols, *from = x;
  if (c->columns) {
    float *some = ck_scratch(w->pool, worker, CK_SCRATCH_TILE, c->count);
    for (long i = 0; i < c->count; i++) some[i] = x[c->columns[i]];
    from = some;
  }
  int32_t places[CK_MOST_ENTRIES];
  long found = w->k > 0 ? top_places(w, from, c->count, w->k, places, worker) : 0;
  float *values = c->to.values + row * c->to.step, *columns = c->to.places + row * c->to.step;
  for (long i = 0; i < w->k; i++) {
    values[i] = i < found ? chosen(1, from[places[i]]) : 0.0f;
    columns[i] = i < found ? (float)(c->columns ? c->columns[places[i]] : places[i]) : 0.0f;
  }
}

void ck_top_k_entries(ck_pool *pool, long rows, long cols, const float *x, const float *among,
                      ck_entries to) {
  ck_pool *used = pool_for(pool, rows * cols);
  choice c = {.of = {.pool = used, .cols = cols, .k = to.count, .x = x}, .count = cols, .to = to};
  if (among) {
    int32_t *columns = (int32_t *)(void *)ck_scratch(used, 0, CK_SCRATCH_SHARED, cols);
    c.count = 0;
    for (long i = 0; i < cols; i++)
      if (among[i] != 0) columns[c.count++] = (int32_t)i;
    c.columns = columns;
  }
  ck_parallel(used, rows, choose_row, &c);
}

/// A long row, cut into chunks that threads share: the same steps as for a short one, with counts of
/// each chunk.
typedef struct wide_row {
  const float *x;
  float *mask;
  long n, chunk;
  uint32_t *keys;
  long *counts;  // [chunks, 2048], or ties before each chunk
  uint32_t prefix, known, digits, least;
  int shift, rectified;
  long equal;
} wide_row;

static long chunk_end(const wide_row *w, long task) {
  long end = (task + 1) * w->chunk;
  return end < w->n ? end : w->n;
}

static void wide_keys(void *context, long task, int worker) {
  (void)worker;
  const wide_row *w = context;
  for (long i = task * w->chunk; i < chunk_end(w, task); i++) w->keys[i] = key_of(w->x[i]);
}

static void wide_count(void *context, long task, int worker) {
  (void)worker;
  const wide_row *w = context;
  long *count = w->counts + task * 2048;
  memset(count, 0, 2048 * sizeof *count);
  for (long i = task * w->chunk; i < chunk_end(w, task); i++)
    if ((w->keys[i] & w->known) == w->prefix) count[w->keys[i] >> w->shift & w->digits]++;
}

static void wide_ties(void *context, long task, int worker) {
  (void)worker;
  const wide_row *w = context;
  long ties = 0;
  for (long i = task * w->chunk; i < chunk_end(w, task); i++) ties += w->keys[i] == w->least;
  w->counts[task] = ties;
}

static void wide_mask(void *context, long task, int worker) {
  (void)worker;
  const wide_row *w = context;
  long equal = w->equal - w->counts[task];
  for (long i = task * w->chunk; i < chunk_end(w, task); i++) {
    int is_tie = w->keys[i] == w->least;
    w->mask[i] = w->keys[i] > w->least || (is_tie && equal > 0) ? chosen(w->rectified, w->x[i]) : 0;
    equal -= is_tie;
  }
}

static void mask_wide_row(ck_pool *pool, int rectified, long n, long k, const float *x,
                          float *mask) {
  static const int shifts[3] = {21, 10, 0}, widths[3] = {11, 11, 10};
  wide_row w = {.x = x, .mask = mask, .n = n, .chunk = 32768, .rectified = rectified};
  long chunks = (n + w.chunk - 1) / w.chunk;
  w.keys = (uint32_t *)(void *)ck_scratch(pool, 0, CK_SCRATCH_SHARED, n);
  w.counts = (long *)(void *)ck_scratch(pool, 0, CK_SCRATCH_TABLE, 2 * 2048 * chunks);
  ck_parallel(pool, chunks, wide_keys, &w);
  long above = 0;
  for (int pass = 0; pass < 3; pass++) {
    w.digits = (1u << widths[pass]) - 1;
    w.shift = shifts[pass];
    ck_parallel(pool, chunks, wide_count, &w);
    uint32_t digit = w.digits;
    for (;; digit--) {
      long count = 0;
      for (long c = 0; c < chunks; c++) count += w.counts[c * 2048 + digit];
      if (above + count > k - 1) break;
      above += count;
    }
    w.prefix |= digit << w.shift;
    w.known |= w.digits << w.shift;
  }
  w.least = w.prefix;
  w.equal = k - above;
  ck_parallel(pool, chunks, wide_ties, &w);
  for (long c = 0, before = 0; c < chunks; c++) {
    long here = w.counts[c];
    w.counts[c] = before;
    before += here;
  }
  ck_parallel(pool, chunks, wide_mask, &w);
}

static void top(ck_pool *pool, int rectified, long rows, long cols, long k, const float *x,
                float *mask) {
  ck_pool *used = pool_for(pool, rows * cols);
  // One row is one task: too few of them for the threads are cut up.
  if (used && rows < 4 && cols > 65536 && k > 0 && k < cols) {
    for (long row = 0; row < rows; row++)
      mask_wide_row(used, rectified, cols, k, x + row * cols, mask + row * cols);
    return;
  }
  work w = {.pool = used, .rows = rows, .cols = cols, .k = k, .x = x, .y = mask};
  w.rectified = rectified;
  ck_parallel(used, rows, mask_row, &w);
}

void ck_top_k_mask(ck_pool *pool, long rows, long cols, long k, const float *x, float *mask) {
  top(pool, 0, rows, cols, k, x, mask);
}

void ck_top_k_rectified(ck_pool *pool, long rows, long cols, long k, const float *x, float *y) {
  top(pool, 1, rows, cols, k, x, y);
}

static void permute_column(void *context, long col, int worker) {
  const work *w = context;
  uint64_t *pairs = pairs_for(w, worker, w->rows);
  const uint32_t *bits = w->bits + col * w->rows;
  for (long i = 0; i < w->rows; i++) pairs[i] = (uint64_t)bits[i] << 32 | (uint32_t)i;
  pairs = sort_pairs(pairs, pairs + w->rows, w->rows);
  for (long i = 0; i < w->rows; i++) w->order[col * w->rows + i] = (float)(uint32_t)pairs[i];
}

void ck_permutations(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long rows,
                     long cols, float *order) {
  ck_pool *used = pool_for(pool, rows * cols);
  uint32_t *bits = (uint32_t *)(void *)ck_scratch(used, 0, CK_SCRATCH_PARTIAL, rows * cols);
  ck_random_bits(used, seed, stream, position, rows * cols, bits);
  work w = {.pool = used, .rows = rows, .cols = cols, .bits = bits, .order = order};
  ck_parallel(used, cols, permute_column, &w);
}

static void move_column(void *context, long col, int worker) {
  (void)worker;
  const work *w = context;
  const float *order = w->from + col * w->rows;
  for (long i = 0; i < w->rows; i++) {
    long from = w->forward ? (long)order[i] : i, to = w->forward ? i : (long)order[i];
    float *y = w->to.to + to * w->cols + col, x = w->x[from * w->cols + col];
    *y = w->to.add ? *y + x : x;
  }
}

void ck_permute_columns(ck_pool *pool, int forward, long rows, long cols, const float *order,
                        const float *x, ck_gradient y) {
  if (!y.to) return;
  work w = {.rows = rows, .cols = cols, .forward = forward, .x = x, .from = order, .to = y};
  ck_parallel(pool_for(pool, rows * cols), cols, move_column, &w);
}
