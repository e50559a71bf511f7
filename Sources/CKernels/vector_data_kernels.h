// Batches from images in memory. A unit is one image.

typedef uint8_t b16v __attribute__((ext_vector_type(16)));

/// m pixels from p as floats.
CK_INLINE f16v bytes16(const uint8_t *p, int m) {
  b16v b = {0};
  if (m == 16) {
    memcpy(&b, p, 16);
  } else {
    uint8_t t[16] = {0};
    for (int i = 0; i < m; i++) t[i] = p[i];
    memcpy(&b, t, 16);
  }
  return __builtin_convertvector(__builtin_convertvector(b, i16v), f16v);
}

/// Pixels from i on of an image; bytes are divided by the divisor.
CK_INLINE f16v pixels16(const ck_gather_args *a, const int bytes, long image, long i, int m) {
  if (!bytes) return load_part16(a->floats + image * a->size + i, m);
  // Division by multiplying with the inverse and correcting the last bit by the remainder.
  f16v x = bytes16(a->bytes + image * a->size + i, m);
  f16v inverse = splat16(1.0f / a->divisor);
  f16v q = x * inverse;
  return fma16(fma16(-q, splat16(a->divisor), x), inverse, q);
}

CK_INLINE void gather_image(const ck_gather_args *a, const int bytes, long r) {
  const f16v zero = splat16(0.0f), one = splat16(1.0f);
  const long image = a->index[r];
  float *out = a->out + r * a->size;
  switch (a->kind) {
  case CK_GATHER_GREY:
    LANES(0, a->size, OUT(out, pixels16(a, bytes, image, i, m)););
    break;
  case CK_GATHER_THRESHOLD:
    LANES(0, a->size,
          OUT(out, select16(pixels16(a, bytes, image, i, m) > a->threshold, one, zero)););
    break;
  case CK_GATHER_STOCHASTIC:
    for (long group = 0; group * CK_GROUP < a->size; group++) {
      const words16 words = group_words16(a->key, a->position + (uint64_t)image, group);
      WORDS(a->size, {
        f16v probability = pixels16(a, bytes, image, i, m);
        OUT(out, select16(uniform16(words.w[w]) < probability, one, zero));
      })
    }
    break;
  }
}

/// Has the cache lines of an image of bytes fetched.
CK_INLINE void fetch_image(const ck_gather_args *a, long r) {
  const uint8_t *image = a->bytes + a->index[r] * a->size;
  for (long i = 0; i < a->size; i += 64) __builtin_prefetch(image + i);
}

static void gather(const void *args, long begin, long end) {
  const ck_gather_args *a = args;
  // Images lie anywhere in a large memory: one is fetched while the one before is converted.
  if (a->bytes) fetch_image(a, begin);
  for (long r = begin; r < end; r++) {
    if (a->bytes) {
      if (r + 1 < end) fetch_image(a, r + 1);
      gather_image(a, 1, r);
    } else {
      gather_image(a, 0, r);
    }
  }
}
