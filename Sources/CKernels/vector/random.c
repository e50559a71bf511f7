// Counter-based random numbers: see random.h.
#include "vector/kernels.h"

static uint32_t multiply(uint32_t a, uint32_t b, uint32_t *high) {
  uint64_t product = (uint64_t)a * b;
  *high = (uint32_t)(product >> 32);
  return (uint32_t)product;
}

void ck_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; round++) {
    uint32_t high_a, high_b;
    uint32_t low_a = multiply(0xD2511F53u, c0, &high_a);
    uint32_t low_b = multiply(0xCD9E8D57u, c2, &high_b);
    c0 = high_b ^ c1 ^ k0;
    c1 = low_b;
    c2 = high_a ^ c3 ^ k1;
    c3 = low_a;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

void ck_random_key(uint64_t seed, uint64_t stream, uint32_t key[2]) {
  // The last word keeps this counter apart from those of the numbers, whose last word is 0.
  const uint32_t counter[4] = {(uint32_t)stream, (uint32_t)(stream >> 32), 0, 1};
  const uint32_t seed_key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  uint32_t words[4];
  ck_philox(counter, seed_key, words);
  key[0] = words[0];
  key[1] = words[1];
}

static void run(ck_pool *pool, ck_kernel_number kernel, uint64_t seed, uint64_t stream,
                ck_random_args *args) {
  ck_random_key(seed, stream, args->key);
  ck_vector_run(pool, kernel, args, (args->count + 63) / 64, ck_heavy_grain(64));
}

void ck_random_bits(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                    uint32_t *out) {
  ck_random_args args = {.position = position, .count = n, .bits = out};
  run(pool, CK_KERNEL_random_bits, seed, stream, &args);
}

void ck_random_uniform(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                       float *out) {
  ck_random_args args = {.position = position, .count = n, .y = {out, 0}};
  run(pool, CK_KERNEL_random_uniform, seed, stream, &args);
}

void ck_random_normal(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                      float *out) {
  ck_random_args args = {.position = position, .count = n, .y = {out, 0}};
  run(pool, CK_KERNEL_random_normal, seed, stream, &args);
}

void ck_random_bernoulli(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                         float probability, float *out) {
  ck_random_args args = {.position = position, .count = n, .p = probability, .y = {out, 0}};
  run(pool, CK_KERNEL_random_bernoulli, seed, stream, &args);
}

void ck_random_exponential(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                           float *out) {
  ck_random_args args = {.position = position, .count = n, .y = {out, 0}};
  run(pool, CK_KERNEL_random_exponential, seed, stream, &args);
}

void ck_random_gumbel(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                      float *out) {
  ck_random_args args = {.position = position, .count = n, .y = {out, 0}};
  run(pool, CK_KERNEL_random_gumbel, seed, stream, &args);
}

void ck_random_gamma(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                     const float *shape, float *out) {
  ck_random_args args = {.position = position, .count = n, .x = shape, .y = {out, 0}};
  ck_random_key(seed, stream, args.key);
  ck_vector_run(pool, CK_KERNEL_random_gamma, &args, (n + 15) / 16, ck_heavy_grain(128));
}

void ck_random_poisson(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                       const float *rate, float *out) {
  ck_random_args args = {.position = position, .count = n, .x = rate, .y = {out, 0}};
  ck_random_key(seed, stream, args.key);
  ck_vector_run(pool, CK_KERNEL_random_poisson, &args, (n + 15) / 16, ck_heavy_grain(128));
}
