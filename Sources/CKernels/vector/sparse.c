// Products that leave zeros out: see vector_sparse.h.
#include "include/vector_sparse.h"

#include <stddef.h>
#include <string.h>

#include "core/scratch.h"
#include "vector/kernels.h"

enum {
  LEAST_WIDTH = 256,
  SPARSITY = 16,  // at most one number in so many is not 0
};

/// Lists of the numbers that are not 0, of each row of f: list r has `count[r]` entries from `r · most`.
static int find(ck_pool *pool, long m, long k, const float *f, ck_sparse_args *a) {
  if (k < LEAST_WIDTH || m < 1) return 0;
  long most = k / SPARSITY;
  int32_t *lists = (int32_t *)(void *)ck_scratch(pool, 0, CK_SCRATCH_SHARED, m * (2 * most + 1));
  *a = (ck_sparse_args){.k = k, .most = most, .f = f, .count = lists, .place = lists + m};
  a->value = (float *)(void *)(lists + m + m * most);
  int full = 0;
  a->full = &full;
  ck_vector_run(pool, CK_KERNEL_sparse_rows, a, m, ck_light_grain(k));
  a->full = NULL;
  return !full;
}

/// The same numbers by columns of f: list c from `start[c]` to `start[c + 1]`, rows ascending.
static ck_sparse_args by_columns(ck_pool *pool, long m, const ck_sparse_args *rows) {
  long total = 0;
  for (long r = 0; r < m; r++) total += rows->count[r];
  int32_t *start =
      (int32_t *)(void *)ck_scratch(pool, 0, CK_SCRATCH_TABLE, rows->k + 1 + 2 * total);
  int32_t *place = start + rows->k + 1;
  float *value = (float *)(void *)(place + total);
  for (long c = 0; c <= rows->k; c++) start[c] = 0;
  for (long r = 0; r < m; r++)
    for (long t = 0; t < rows->count[r]; t++) start[rows->place[r * rows->most + t] + 1]++;
  for (long c = 0; c < rows->k; c++) start[c + 1] += start[c];
  for (long r = 0; r < m; r++)
    for (long t = 0; t < rows->count[r]; t++) {
      int32_t at = start[rows->place[r * rows->most + t]]++;
      place[at] = (int32_t)r;
      value[at] = rows->value[r * rows->most + t];
    }
  // Each start has moved to its end.
  for (long c = rows->k; c > 0; c--) start[c] = start[c - 1];
  start[0] = 0;
  return (ck_sparse_args){.start = start, .place = place, .value = value};
}

int ck_sparse_product(ck_pool *pool, long m, long k, long n, const float *f, const float *w,
                      ck_gradient y) {
  ck_sparse_args a;
  if (!find(pool, m, k, f, &a)) return 0;
  a.n = n, a.from = w, a.out = y;
  ck_vector_run(pool, CK_KERNEL_sparse_sums, &a, m, ck_light_grain(n * (a.most / 4 + 1)));
  return 1;
}

int ck_sparse_product_backward(ck_pool *pool, long m, long k, long n, const float *f,
                               const float *w, const float *g, ck_gradient df, ck_gradient dw) {
  ck_sparse_args a;
  if (!find(pool, m, k, f, &a)) return 0;
  if (dw.to) {
    ck_sparse_args columns = by_columns(pool, m, &a);
    columns.n = n, columns.from = g, columns.out = dw;
    ck_vector_run(pool, CK_KERNEL_sparse_sums, &columns, k, ck_light_grain(4 * n));
  }
  if (df.to) {
    a.n = n, a.from = w, a.g = g, a.out = df;
    ck_vector_run(pool, CK_KERNEL_sparse_dots, &a, m, ck_light_grain(k + n));
  }
  return 1;
}

// The same from entries, whose lists need not be found.

/// Room for lists of at most `most` numbers a row, by rows of f[m, k].
static ck_sparse_args empty_lists(ck_pool *pool, long m, long k, long n, long most) {
  int32_t *lists = (int32_t *)(void *)ck_scratch(pool, 0, CK_SCRATCH_SHARED, m * (2 * most + 1));
  ck_sparse_args a = {.k = k, .n = n, .most = most, .count = lists, .place = lists + m};
  a.value = (float *)(void *)(lists + m + m * most);
  return a;
}

static void append(ck_sparse_args *a, long row, long place, float value) {
  long at = row * a->most + a->count[row];
  if (a->count[row] > 0 && a->place[at - 1] == place) {
    a->value[at - 1] += value;
    return;
  }
  a->place[at] = (int32_t)place, a->value[at] = value;
  a->count[row]++;
}

/// Whether an entry counts: what is no number does too, so that it is not lost.
static int is_on(float value) { return !(value <= 0); }

typedef struct listing {
  ck_sparse_args *to;
  ck_entries f;
  long rows, lead;
  const float *numbers;
} listing;

enum { LISTED_ROWS = 64 };

static void list_rows(void *context, long task, int worker) {
  (void)worker;
  const listing *l = context;
  const ck_entries f = l->f;
  long end = (task + 1) * LISTED_ROWS < l->rows ? (task + 1) * LISTED_ROWS : l->rows;
  for (long r = task * LISTED_ROWS; r < end; r++) {
    const float *values = f.values + r * f.step, *places = f.places + r * f.step;
    const float *number = l->numbers ? l->numbers + r * f.step : values;
    long i = 0, j = l->lead;
    l->to->count[r] = 0;
    for (;;) {
      while (i < l->lead && !is_on(values[i])) i++;
      while (j < f.count && !is_on(values[j])) j++;
      if (i == l->lead && j == f.count) break;
      long next = j == f.count || (i < l->lead && places[i] <= places[j]) ? i++ : j++;
      append(l->to, r, (long)places[next], number[next]);
    }
  }
}

/// What the entries of f above 0 are, or `numbers` in their places. Two runs of ascending columns become one.
static ck_sparse_args lists_of(ck_pool *pool, long m, long k, long n, ck_entries f, long lead,
                               const float *numbers) {
  ck_sparse_args a = empty_lists(pool, m, k, n, f.count);
  listing l = {&a, f, m, lead, numbers};
  ck_parallel(pool, (m + LISTED_ROWS - 1) / LISTED_ROWS, list_rows, &l);
  return a;
}

static void sums_of(ck_pool *pool, const ck_sparse_args *lists, long units, long per_unit) {
  ck_vector_run(pool, CK_KERNEL_sparse_sums, lists, units, ck_light_grain(lists->n * per_unit));
}

void ck_entries_product(ck_pool *pool, long m, long k, long n, ck_entries f, const float *w,
                        ck_gradient y) {
  ck_sparse_args a = lists_of(pool, m, k, n, f, f.count, NULL);
  a.from = w, a.out = y;
  sums_of(pool, &a, m, f.count / 4 + 1);
}

void ck_entries_product_backward(ck_pool *pool, long m, long k, long n, ck_entries f,
                                 const float *w, const float *g, int add, float *df,
                                 ck_gradient dw) {
  ck_sparse_args a = lists_of(pool, m, k, n, f, f.count, NULL);
  if (dw.to) {
    ck_sparse_args columns = by_columns(pool, m, &a);
    columns.n = n, columns.from = g, columns.out = dw;
    sums_of(pool, &columns, k, 4);
  }
  if (!df) return;
  // Every entry has a product, so that its number in the list is its own.
  for (long r = 0; r < m; r++) {
    a.count[r] = (int32_t)f.count;
    for (long i = 0; i < f.count; i++) a.place[r * a.most + i] = (int32_t)f.places[r * f.step + i];
  }
  a.from = w, a.g = g, a.out = (ck_gradient){df, add}, a.out_step = f.step;
  ck_vector_run(pool, CK_KERNEL_sparse_entry_dots, &a, m, ck_light_grain(f.count * n / 4 + 1));
}

void ck_entries_counts(long m, long k, ck_entries f, float *counts) {
  memset(counts, 0, (size_t)k * sizeof *counts);
  for (long r = 0; r < m; r++)
    for (long i = 0; i < f.count; i++)
      if (is_on(f.values[r * f.step + i])) counts[(long)f.places[r * f.step + i]] += 1;
}

void ck_entries_linear_backward(ck_pool *pool, long m, long k, long n, ck_entries f, long lead,
                                const float *df, const float *x, const float *w, ck_gradient dx,
                                ck_gradient dw, ck_gradient db) {
  ck_sparse_args a = lists_of(pool, m, k, n, f, lead, df);
  ck_sparse_args columns = by_columns(pool, m, &a);
  columns.n = n;
  if (dw.to) {
    columns.from = x, columns.out = dw;
    sums_of(pool, &columns, k, 4);
  }
  if (db.to)
    for (long c = 0; c < k; c++) {
      float sum = 0;
      for (long t = columns.start[c]; t < columns.start[c + 1]; t++) sum += columns.value[t];
      db.to[c] = db.add ? db.to[c] + sum : sum;
    }
  if (dx.to) {
    a.from = w, a.out = dx;
    sums_of(pool, &a, m, f.count / 4 + 1);
  }
}
