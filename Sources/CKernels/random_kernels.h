// Philox 4×32-10, sixteen blocks at a time, and what is made of its bits. A unit is a group of 64
// elements.

enum { CK_GROUP = 64 };

/// The upper and the lower halves of the products a · factor.
typedef struct product16 {
  u16v high, low;
} product16;

typedef uint64_t w8v __attribute__((ext_vector_type(8)));

CK_INLINE product16 multiply16(u16v a, uint32_t factor) {
  const w8v mask = (w8v)(0xffffffffull), f = (w8v)((uint64_t)factor);
  w8v pairs = (w8v)a;
  w8v even = (pairs & mask) * f, odd = (pairs >> 32) * f;
  return (product16){(u16v)((even >> 32) | (odd & ~mask)), (u16v)((even & mask) | (odd << 32))};
}

/// The four words of each of sixteen blocks.
typedef struct words16 {
  u16v w[4];
} words16;

CK_INLINE words16 philox16(words16 c, uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; round++) {
    product16 a = multiply16(c.w[0], 0xD2511F53u), b = multiply16(c.w[2], 0xCD9E8D57u);
    c = (words16){{b.high ^ c.w[1] ^ key0, b.low, a.high ^ c.w[3] ^ key1, a.low}};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return c;
}

/// The random words of a group: element 16·w + l is lane l of word w.
CK_INLINE words16 group_words16(const uint32_t key[2], uint64_t position, long group) {
  u16v block = (u16v)lane_numbers16() + (uint32_t)(group * 16);
  u16v low = (u16v)((uint32_t)position), high = (u16v)((uint32_t)(position >> 32));
  return philox16((words16){{block, low, high, (u16v)(0u)}}, key[0], key[1]);
}

/// Runs the statements for each group with its `words`, for word w = 0 ..< 4 at element i, where m
/// lanes count.
#define GROUPS(begin, end, count, ...)                                                             \
  for (long group = (begin); group < (end); group++) {                                             \
    const words16 words = group_words16(a->key, a->position, group);                               \
    (void)words;                                                                                   \
    for (int w = 0; w < 4; w++) {                                                                  \
      long i = group * CK_GROUP + 16 * w, left = (count)-i;                                        \
      if (left <= 0) break;                                                                        \
      const int m = left < 16 ? (int)left : 16;                                                    \
      __VA_ARGS__                                                                                  \
    }                                                                                              \
  }

/// [0, 1) in steps of 2^-24.
CK_INLINE f16v uniform16(u16v bits) {
  return __builtin_convertvector((i16v)(bits >> 8), f16v) * 0x1p-24f;
}

static void random_bits(const void *args, long begin, long end) {
  const ck_random_args *a = args;
  GROUPS(begin, end, a->count, store_part16((float *)a->bits + i, (f16v)words.w[w], m);)
}

static void random_uniform(const void *args, long begin, long end) {
  const ck_random_args *a = args;
  GROUPS(begin, end, a->count, OUT(a->y.to, uniform16(words.w[w]));)
}

static void random_bernoulli(const void *args, long begin, long end) {
  const ck_random_args *a = args;
  const f16v one = splat16(1.0f), zero = splat16(0.0f);
  GROUPS(begin, end, a->count,
         OUT(a->y.to, select16(uniform16(words.w[w]) < a->p, one, zero));)
}

static void dropout(const void *args, long begin, long end) {
  const ck_random_args *a = args;
  const f16v zero = splat16(0.0f);
  GROUPS(begin, end, a->count,
         GIVE(a->y, select16(uniform16(words.w[w]) < a->p, zero, IN(a->x) * a->scale));)
}

/// Two normal vectors from two words: radius √(−2 log u), u in (0, 1], and an angle.
CK_INLINE terms16 normal_pair16(u16v for_radius, u16v for_angle) {
  f16v u = __builtin_convertvector((i16v)(for_radius >> 1), f16v);
  u = fma16(u, splat16(0x1p-31f), splat16(0x1p-32f));
  f16v radius = sqrt16(-2.0f * log16(u));
  sin_cos angle = sin_cos_turns16((i16v)(for_angle >> 8));
  return (terms16){radius * angle.cosine, radius * angle.sine};
}

static void random_normal(const void *args, long begin, long end) {
  const ck_random_args *a = args;
  for (long group = begin; group < end; group++) {
    const words16 words = group_words16(a->key, a->position, group);
    const terms16 first = normal_pair16(words.w[0], words.w[1]);
    const terms16 second = normal_pair16(words.w[2], words.w[3]);
    const f16v normal[4] = {first.a, first.b, second.a, second.b};
    for (int w = 0; w < 4; w++) {
      long i = group * CK_GROUP + 16 * w, left = a->count - i;
      if (left <= 0) break;
      const int m = left < 16 ? (int)left : 16;
      OUT(a->y.to, normal[w]);
    }
  }
}
