// Batches: see vector_data.h.
#include <stddef.h>

#include "vector/kernels.h"

static void run(ck_pool *pool, long n, const ck_gather_args *args) {
  int heavy = args->kind == CK_GATHER_STOCHASTIC;
  long grain = heavy ? ck_heavy_grain(args->size) : ck_light_grain(args->size);
  ck_vector_run(pool, CK_KERNEL_gather, args, n, grain);
}

void ck_gather_bytes(ck_pool *pool, long n, long size, const uint8_t *images, const long *index,
                     float divisor, float *out) {
  ck_gather_args args = {.kind = CK_GATHER_GREY,
                         .size = size,
                         .bytes = images,
                         .index = index,
                         .divisor = divisor,
                         .out = out};
  run(pool, n, &args);
}

void ck_gather_bytes_threshold(ck_pool *pool, long n, long size, const uint8_t *images,
                               const long *index, float divisor, float threshold, float *out) {
  ck_gather_args args = {.kind = CK_GATHER_THRESHOLD,
                         .size = size,
                         .bytes = images,
                         .index = index,
                         .divisor = divisor,
                         .threshold = threshold,
                         .out = out};
  run(pool, n, &args);
}

void ck_gather_bytes_stochastic(ck_pool *pool, long n, long size, const uint8_t *images,
                                const long *index, float divisor, uint64_t seed, uint64_t stream,
                                uint64_t position, float *out) {
  ck_gather_args args = {.kind = CK_GATHER_STOCHASTIC,
                         .size = size,
                         .bytes = images,
                         .index = index,
                         .divisor = divisor,
                         .position = position,
                         .out = out};
  ck_random_key(seed, stream, args.key);
  run(pool, n, &args);
}

void ck_gather(ck_pool *pool, long n, long size, const float *images, const long *index,
               float *out) {
  ck_gather_args args = {
      .kind = CK_GATHER_GREY, .size = size, .floats = images, .index = index, .out = out};
  run(pool, n, &args);
}

void ck_gather_threshold(ck_pool *pool, long n, long size, const float *images, const long *index,
                         float threshold, float *out) {
  ck_gather_args args = {.kind = CK_GATHER_THRESHOLD,
                         .size = size,
                         .floats = images,
                         .index = index,
                         .threshold = threshold,
                         .out = out};
  run(pool, n, &args);
}

void ck_gather_stochastic(ck_pool *pool, long n, long size, const float *images,
                          const long *index, uint64_t seed, uint64_t stream, uint64_t position,
                          float *out) {
  ck_gather_args args = {.kind = CK_GATHER_STOCHASTIC,
                         .size = size,
                         .floats = images,
                         .index = index,
                         .position = position,
                         .out = out};
  ck_random_key(seed, stream, args.key);
  run(pool, n, &args);
}
