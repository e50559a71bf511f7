// Philox 4×32-10, sixteen blocks at a time, and what is made of its bits. A unit is a group of 64
// elements.

enum { CK_GROUP = 64 };

typedef uint64_t w8v __attribute__((ext_vector_type(8)));

/// The four words of eight blocks, each in the lower half of a lane; the upper halves are rubbish.
typedef struct blocks8 {
  w8v w[4];
} blocks8;

CK_INLINE blocks8 philox8(blocks8 c, const uint32_t key[2]) {
  const w8v low = (w8v)(0xffffffffull);
  uint32_t key0 = key[0], key1 = key[1];
#pragma clang loop unroll(full)
  for (int round = 0; round < 10; round++) {
    w8v a = (c.w[0] & low) * 0xD2511F53ull, b = (c.w[2] & low) * 0xCD9E8D57ull;
    c.w[0] = (b >> 32) ^ c.w[1] ^ (w8v)((uint64_t)key0);
    c.w[1] = b;
    c.w[2] = (a >> 32) ^ c.w[3] ^ (w8v)((uint64_t)key1);
    c.w[3] = a;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return c;
}

/// The four words of each of sixteen blocks.
typedef struct words16 {
  u16v w[4];
} words16;

/// The random words of a group: element 16·w + l is lane l of word w.
CK_INLINE words16 group_words16(const uint32_t key[2], uint64_t position, long group) {
  const w8v low = (w8v)(0xffffffffull);
  blocks8 even, odd;
  even.w[0] = (w8v){0, 2, 4, 6, 8, 10, 12, 14} + (uint64_t)group * 16;
  odd.w[0] = even.w[0] + 1;
  even.w[1] = odd.w[1] = (w8v)(position);
  even.w[2] = odd.w[2] = (w8v)(position >> 32);
  even.w[3] = odd.w[3] = (w8v)(0ull);
  even = philox8(even, key);
  odd = philox8(odd, key);
  words16 words;
  for (int w = 0; w < 4; w++) words.w[w] = (u16v)((even.w[w] & low) | (odd.w[w] << 32));
  return words;
}

/// Runs the statements for word w = 0 ..< 4 of a group of `count` elements in all, where m lanes
/// count from element i on.
#define WORDS(count, ...)                                                                          \
  if (group * CK_GROUP + CK_GROUP <= (count)) {                                                    \
    _Pragma("clang loop unroll(full)") for (int w = 0; w < 4; w++) {                               \
      const long i = group * CK_GROUP + 16 * w;                                                    \
      const int m = 16;                                                                            \
      __VA_ARGS__                                                                                  \
    }                                                                                              \
  } else {                                                                                         \
    for (int w = 0; w < 4; w++) {                                                                  \
      const long i = group * CK_GROUP + 16 * w, left = (count)-i;                                  \
      if (left <= 0) break;                                                                        \
      const int m = left < 16 ? (int)left : 16;                                                    \
      __VA_ARGS__                                                                                  \
    }                                                                                              \
  }

/// The same for groups begin ..< end, with their random `words`.
#define GROUPS(begin, end, count, ...)                                                             \
  for (long group = (begin); group < (end); group++) {                                             \
    const words16 words = group_words16(a->key, a->position, group);                               \
    WORDS(count, __VA_ARGS__)                                                                      \
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
    WORDS(a->count, OUT(a->y.to, normal[w]);)
  }
}
