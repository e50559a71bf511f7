#ifndef CK_RANDOM_H
#define CK_RANDOM_H

#include <stdint.h>

#include "pool.h"

// Counter-based random numbers. What element i is depends on (seed, stream, position, i) alone:
// not on n, nor on who drew before.
//
// The key of Philox 4×32-10 is made from seed and stream by one application of Philox itself, its
// counter is (block, position). Sixteen blocks give 64 elements: element 64·g + 16·w + l is word w
// of block 16·g + l. Up to 2^34 elements at each position.
//
// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

/// One block: out[4] = Philox4x32-10(counter, key).
void ck_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/// 32 random bits in each of out[n].
void ck_random_bits(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                    uint32_t *out);

/// Uniform in [0, 1): the upper 24 bits / 2^24.
void ck_random_uniform(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                       float *out);

/// Standard normal, by the transform of Box & Muller; never beyond ±6.8.
void ck_random_normal(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                      float *out);

/// 1 where the uniform number of the same key is below `probability`, else 0.
void ck_random_bernoulli(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                         float probability, float *out);

/// Exponential of mean 1: −log u, u in (0, 1) in steps of 2^-23.
void ck_random_exponential(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                           float *out);

/// Standard Gumbel: −log(−log u), u likewise; from −2.9 to 16.7.
void ck_random_gumbel(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                      float *out);

/// Gamma of scale 1 with shapes shape[n] > 0, by rejection. Attempt t at element i draws the words of
/// counter (i, position, t + 1), so what it becomes does not depend on its neighbours.
void ck_random_gamma(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                     const float *shape, float *out);

/// Poisson of means rate[n] ≥ 0, whole numbers, by rejection likewise.
void ck_random_poisson(ck_pool *pool, uint64_t seed, uint64_t stream, uint64_t position, long n,
                       const float *rate, float *out);

#endif
