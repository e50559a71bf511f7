// Elementwise functions and copies: see vector_elementwise.h.
#include <stddef.h>

#include "core/scratch.h"
#include "vector/kernels.h"

ck_activation_facts ck_activation_facts_of(int activation) {
  static const ck_activation_facts table[] = {
#define FROM_OUTPUT(NUMBER, name, cost, parameter, lower, upper, formula)                          \
  {#name, formula, parameter, 1},
#define FROM_INPUT(NUMBER, name, cost, parameter, lower, upper, formula)                           \
  {#name, formula, parameter, 0},
      CK_ACTIVATIONS_FROM_OUTPUT(FROM_OUTPUT) CK_ACTIVATIONS_FROM_INPUT(FROM_INPUT)
#undef FROM_OUTPUT
#undef FROM_INPUT
  };
  return table[activation < 0 || activation >= CK_ACTIVATION_COUNT ? CK_ACTIVATION_NONE
                                                                   : activation];
}

ck_range ck_activation_range(int activation, float p) {
  switch (activation) {
#define INF __builtin_inff()
#define RANGE(NUMBER, name, cost, parameter, lower, upper, formula)                                \
  case CK_ACTIVATION_##NUMBER:                                                                     \
    return (ck_range){lower, upper};
    CK_ACTIVATIONS(RANGE)
#undef RANGE
  default:
    return (ck_range){-INF, INF};
#undef INF
  }
}

static long grain_of_unary(ck_unary_op op) {
  switch (op) {
#define GRAIN(NUMBER, name, cost, ...)                                                             \
  case CK_UNARY_##NUMBER:                                                                          \
    return ck_##cost##_grain(1);
    CK_ACTIVATIONS(GRAIN)
#undef GRAIN
  case CK_UNARY_NEGATE:
  case CK_UNARY_SQUARE:
  case CK_UNARY_ABS:
  case CK_UNARY_CLAMP:
  case CK_UNARY_AFFINE:
  case CK_UNARY_ROUND:
  case CK_UNARY_FLOOR:
  case CK_UNARY_SIGN:
  case CK_UNARY_STEP:
    return ck_light_grain(1);
  default:
    return ck_heavy_grain(1);
  }
}

int ck_unary_backward_reads(ck_unary_op op) {
  switch (op) {
  case CK_UNARY_NONE:
  case CK_UNARY_NEGATE:
  case CK_UNARY_AFFINE:
  case CK_UNARY_ROUND:
  case CK_UNARY_FLOOR:
  case CK_UNARY_SIGN:
  case CK_UNARY_STEP:
    return 0;
  case CK_UNARY_LOG_SIGMOID:
  case CK_UNARY_EXP:
  case CK_UNARY_EXPM1:
  case CK_UNARY_SQRT:
  case CK_UNARY_RECIPROCAL:
    return 2;
  default:
    return (int)op < CK_ACTIVATION_COUNT && ck_activation_facts_of((int)op).from_output ? 2 : 1;
  }
}

void ck_unary(ck_pool *pool, ck_unary_op op, float p, float q, long n, const float *x, float *y) {
  ck_unary_args args = {.op = op, .p = p, .q = q, .x = x, .out = {y, 0}};
  ck_vector_run(pool, CK_KERNEL_unary, &args, n, grain_of_unary(op));
}

void ck_unary_backward(ck_pool *pool, ck_unary_op op, float p, float q, long n, const float *x,
                       const float *y, const float *dy, ck_gradient dx) {
  if (!dx.to) return;
  ck_unary_args args = {.op = op, .p = p, .q = q, .x = x, .y = y, .dy = dy, .out = dx};
  ck_vector_run(pool, CK_KERNEL_unary_backward, &args, n, grain_of_unary(op));
}

int ck_binary_backward_reads(ck_binary_op op) {
  return op == CK_BINARY_ADD || op == CK_BINARY_SUBTRACT || op == CK_BINARY_SUBTRACT_FROM ? 0 : 3;
}

/// A channel of one element each is a column.
static ck_binary_args binary_args(ck_binary_op op, ck_broadcast kind, long channels, long inner) {
  if (kind == CK_BROADCAST_CHANNEL && inner == 1) {
    kind = CK_BROADCAST_ROW;
    inner = channels;
    channels = 1;
  }
  return (ck_binary_args){.op = op, .kind = kind, .channels = channels, .inner = inner};
}

static void run_binary(ck_pool *pool, ck_kernel_number kernel, const ck_binary_args *args,
                       long count) {
  if (args->kind == CK_BROADCAST_SAME || args->kind == CK_BROADCAST_SCALAR)
    ck_vector_run(pool, kernel, args, count, ck_light_grain(1));
  else if (args->inner > 0)
    ck_vector_run(pool, kernel, args, count / args->inner, ck_light_grain(args->inner));
}

void ck_binary(ck_pool *pool, ck_binary_op op, ck_broadcast kind, long outer, long channels,
               long inner, const float *a, const float *b, float *y) {
  ck_binary_args args = binary_args(op, kind, channels, inner);
  args.a = a;
  args.b = b;
  args.out = (ck_gradient){y, 0};
  run_binary(pool, CK_KERNEL_binary, &args, outer * channels * inner);
}

/// The gradient by one number for all: chunks in parallel, their sums in order.
static void sum_by_scalar(ck_pool *pool, ck_binary_args *args, long count, ck_gradient db) {
  long chunks = (count + CK_SUM_CHUNK - 1) / CK_SUM_CHUNK;
  args->count = count;
  args->partial = (double *)(void *)ck_scratch(pool, 0, CK_SCRATCH_PARTIAL, 2 * chunks + 2);
  ck_vector_run(pool, CK_KERNEL_binary_sum_b, args, chunks, ck_light_grain(CK_SUM_CHUNK));
  double sum = 0;
  for (long i = 0; i < chunks; i++) sum += args->partial[i];
  db.to[0] = db.add ? db.to[0] + (float)sum : (float)sum;
}

void ck_binary_backward(ck_pool *pool, ck_binary_op op, ck_broadcast kind, long outer,
                        long channels, long inner, const float *a, const float *b,
                        const float *dy, ck_gradient da, ck_gradient db) {
  ck_binary_args args = binary_args(op, kind, channels, inner);
  long count = outer * channels * inner;
  args.a = a;
  args.b = b;
  args.dy = dy;
  if (da.to) {
    args.out = da;
    run_binary(pool, CK_KERNEL_binary_backward_a, &args, count);
  }
  if (!db.to) return;
  args.out = db;
  switch (args.kind) {
  case CK_BROADCAST_SAME:
    run_binary(pool, CK_KERNEL_binary_backward_b, &args, count);
    return;
  case CK_BROADCAST_SCALAR:
    sum_by_scalar(pool, &args, count, db);
    return;
  case CK_BROADCAST_ROW:
    args.sums = (ck_sums){.batch = args.inner > 0 ? count / args.inner : 0,
                          .channels = args.inner,
                          .inner = 1,
                          .result = {db}};
    break;
  case CK_BROADCAST_CHANNEL:
    args.sums = (ck_sums){.batch = outer, .channels = channels, .inner = inner, .result = {db}};
    break;
  }
  ck_run_sums(pool, CK_KERNEL_binary_columns_b, CK_KERNEL_binary_channels_b, &args.sums);
}

void ck_add_scaled(ck_pool *pool, long n, float scale, const float *x, float *y) {
  ck_copy_args args = {.scale = scale, .x = x, .y = {y, 1}};
  ck_vector_run(pool, CK_KERNEL_add_scaled, &args, n, ck_light_grain(1));
}

void ck_approach(ck_pool *pool, long n, float share, const float *x, float *y) {
  ck_copy_args args = {.scale = share, .x = x, .y = {y, 1}};
  ck_vector_run(pool, CK_KERNEL_approach, &args, n, ck_light_grain(1));
}

void ck_fill(ck_pool *pool, long n, float value, float *y) {
  ck_copy_args args = {.scale = value, .y = {y, 0}};
  ck_vector_run(pool, CK_KERNEL_fill, &args, n, ck_light_grain(1));
}

void ck_copy(ck_pool *pool, long n, const float *x, ck_gradient y) {
  ck_copy_args args = {.x = x, .y = y};
  ck_vector_run(pool, CK_KERNEL_copy, &args, n, ck_light_grain(1));
}

void ck_copy_rows(ck_pool *pool, long rows, long cols, const float *src, long src_stride,
                  ck_gradient dst, long dst_stride) {
  ck_copy_args args = {
      .cols = cols, .x_stride = src_stride, .y_stride = dst_stride, .x = src, .y = dst};
  ck_vector_run(pool, CK_KERNEL_copy_rows, &args, rows, ck_light_grain(cols));
}

void ck_transpose(ck_pool *pool, long batch, long m, long n, const float *x, ck_gradient y) {
  ck_copy_args args = {.rows = m, .cols = n, .x = x, .y = y};
  ck_vector_run(pool, CK_KERNEL_transpose, &args, batch * n, ck_heavy_grain(m));
}

void ck_repeat_rows(ck_pool *pool, long rows, long cols, long times, const float *x, float *y) {
  ck_copy_args args = {.cols = cols, .times = times, .x = x, .y = {y, 0}};
  ck_vector_run(pool, CK_KERNEL_repeat_rows, &args, rows * times, ck_light_grain(cols));
}

void ck_repeat_rows_backward(ck_pool *pool, long rows, long cols, long times, const float *dy,
                             ck_gradient dx) {
  ck_copy_args args = {.cols = cols, .times = times, .x = dy, .y = dx};
  ck_vector_run(pool, CK_KERNEL_repeat_rows_backward, &args, rows, ck_light_grain(cols * times));
}

void ck_upsample(ck_pool *pool, long images, long height, long width, long factor, const float *x,
                 float *y) {
  ck_copy_args args = {.cols = width, .times = factor, .x = x, .y = {y, 0}};
  ck_vector_run(pool, CK_KERNEL_upsample, &args, images * height,
                ck_light_grain(width * factor * factor));
}

void ck_upsample_backward(ck_pool *pool, long images, long height, long width, long factor,
                          const float *dy, ck_gradient dx) {
  ck_copy_args args = {.cols = width, .times = factor, .x = dy, .y = dx};
  ck_vector_run(pool, CK_KERNEL_upsample_backward, &args, images * height,
                ck_light_grain(width * factor * factor));
}
