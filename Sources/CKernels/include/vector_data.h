#ifndef CK_VECTOR_DATA_H
#define CK_VECTOR_DATA_H

#include <stdint.h>

#include "pool.h"

// Batches: rows picked by index from images that stay in memory. `index`[n] counts rows from 0; the
// caller has checked its range.

/// out[n, size] = images[index, size] / divisor (255 for 0 ... 1), rounded as division rounds.
void ck_gather_bytes(ck_pool *pool, long n, long size, const uint8_t *images, const long *index,
                     float divisor, float *out);

/// 1 where images / divisor > threshold, else 0.
void ck_gather_bytes_threshold(ck_pool *pool, long n, long size, const uint8_t *images,
                               const long *index, float divisor, float threshold, float *out);

/// 1 with probability images / divisor, else 0. The draw for pixel j of row r is element j of
/// ck_random_uniform(seed, stream, position + r): with position = epoch · 2^32 an image is drawn
/// anew each epoch, whatever the order of the images.
void ck_gather_bytes_stochastic(ck_pool *pool, long n, long size, const uint8_t *images,
                                const long *index, float divisor, uint64_t seed, uint64_t stream,
                                uint64_t position, float *out);

/// The same three for images of floats, with no divisor.
void ck_gather(ck_pool *pool, long n, long size, const float *images, const long *index,
               float *out);
void ck_gather_threshold(ck_pool *pool, long n, long size, const float *images, const long *index,
                         float threshold, float *out);
void ck_gather_stochastic(ck_pool *pool, long n, long size, const float *images,
                          const long *index, uint64_t seed, uint64_t stream, uint64_t position,
                          float *out);

#endif
