// See CInflate.h. Each symbol is looked up by the next bits in a table of 2^10 entries for literals
// and lengths, 2^8 for distances; longer codes continue in a second table.
#include <string.h>

#include "include/CInflate.h"

enum { LITERAL_BITS = 10, DISTANCE_BITS = 8, LONGEST = 15, LITERALS = 288, DISTANCES = 32 };
// Second tables hold at most what codes of up to 15 bits need (zlib's enough.c: 1334 and 402).
enum { LITERAL_ROOM = 1400, DISTANCE_ROOM = 448 };

// An entry: bits 0-3 the bits of the code (in this table), 4-7 extra bits (or the second table's
// size), 8-11 the kind, 16-31 the literal, base, or place of the second table.
enum { LITERAL = 1 << 8, BASE = 2 << 8, END = 4 << 8, NEXT = 8 << 8, KIND = 15 << 8 };

typedef struct reader {
  const uint8_t *in, *in_end;
  uint64_t bits;
  unsigned count;  // of bits; those that lie beyond the input are zeros, counted in `beyond`
  unsigned beyond;
  uint8_t *out, *begin, *out_end;
} reader;

typedef struct stream {
  reader r;
  uint32_t literals[LITERAL_ROOM], distances[DISTANCE_ROOM];
} stream;

/// At least 56 bits.
static inline void fill(reader *s) {
  if (s->in_end - s->in >= 8) {
    uint64_t word;
    memcpy(&word, s->in, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    s->bits |= word << s->count;
    s->in += (63 - s->count) >> 3;
    s->count |= 56;
    return;
  }
  while (s->count <= 56) {
    if (s->in < s->in_end)
      s->bits |= (uint64_t)*s->in++ << s->count;
    else
      s->beyond += 8;
    s->count += 8;
  }
}

static inline uint32_t take(reader *s, unsigned n) {
  uint32_t value = (uint32_t)(s->bits & ((1ull << n) - 1));
  s->bits >>= n;
  s->count -= n;
  return value;
}

/// Whether bits were taken that the input does not have.
static inline int is_short(const reader *s) { return s->beyond > s->count; }

static const uint16_t length_base[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                       31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                       2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
static const uint16_t distance_base[] = {1,   2,   3,   4,   5,   7,    9,    13,   17,   25,
                                         33,  49,  65,  97,  129, 193,  257,  385,  513,  769,
                                         1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};

static uint32_t literal_entry(unsigned symbol) {
  if (symbol < 256) return LITERAL | symbol << 16;
  if (symbol == 256) return END;
  if (symbol > 285) return 0;
  return BASE | (uint32_t)length_extra[symbol - 257] << 4 | (uint32_t)length_base[symbol - 257] << 16;
}

static uint32_t distance_entry(unsigned symbol) {
  if (symbol > 29) return 0;
  unsigned extra = symbol < 4 ? 0 : symbol / 2 - 1;
  return BASE | extra << 4 | (uint32_t)distance_base[symbol] << 16;
}

static unsigned reversed(unsigned code, unsigned length) {
  unsigned result = 0;
  for (; length > 0; length--, code >>= 1) result = result << 1 | (code & 1);
  return result;
}

/// Makes the table of a code from the lengths of its symbols. 0 where the lengths make no code; one
/// with a single symbol of length 1, or without any, is allowed to be incomplete.
static int make_table(uint32_t *table, int room, unsigned bits, const uint8_t *lengths, int symbols,
                      uint32_t (*entry)(unsigned)) {
  unsigned counts[LONGEST + 1] = {0}, next[LONGEST + 2] = {0};
  for (int i = 0; i < symbols; i++) counts[lengths[i]]++;
  counts[0] = 0;
  int left = 1, used = 0;
  for (int length = 1; length <= LONGEST; length++) {
    left = left * 2 - (int)counts[length];
    if (left < 0) return 0;
    used += (int)counts[length];
    next[length + 1] = (next[length] + counts[length]) << 1;
  }
  if (left > 0 && (used > 1 || (used == 1 && counts[1] == 0))) return 0;
  memset(table, 0, sizeof *table << bits);
  int end = 1 << bits;
  for (int length = 1; length <= LONGEST; length++)
    for (int symbol = 0; symbol < symbols; symbol++) {
      if (lengths[symbol] != length) continue;
      unsigned code = reversed(next[length]++, (unsigned)length);
      uint32_t *part = table, value = entry((unsigned)symbol);
      unsigned size = bits, taken = 0;
      if (length > (int)bits) {
        // The second table is as large as the longest code with this beginning needs: codes come in
        // ascending order, so as many as fill the place of the beginning.
        uint32_t *link = &table[code & ((1u << bits) - 1)];
        if (!*link) {
          unsigned more = (unsigned)length - bits;
          int open = 1 << more;
          for (int n = length, first = 1; n <= LONGEST; n++, first = 0) {
            int rest = (int)counts[n];
            if (first)
              for (int other = 0; other < symbol; other++) rest -= lengths[other] == n;
            open -= rest;
            if (open <= 0 || n == LONGEST) break;
            open <<= 1;
            more++;
          }
          if (end + (1 << more) > room) return 0;
          memset(table + end, 0, sizeof *table << more);
          *link = NEXT | bits | more << 4 | (uint32_t)end << 16;
          end += 1 << more;
        }
        part = table + (*link >> 16);
        size = *link >> 4 & 15;
        taken = bits;
      }
      if (!value) continue;
      for (unsigned i = code >> taken; i < 1u << size; i += 1u << ((unsigned)length - taken))
        part[i] = value | ((unsigned)length - taken);
    }
  return 1;
}

static int make_fixed_tables(stream *s) {
  uint8_t lengths[LITERALS + DISTANCES];
  memset(lengths, 8, 144);
  memset(lengths + 144, 9, 112);
  memset(lengths + 256, 7, 24);
  memset(lengths + 280, 8, 8);
  memset(lengths + LITERALS, 5, DISTANCES);
  return make_table(s->literals, LITERAL_ROOM, LITERAL_BITS, lengths, LITERALS, literal_entry) &&
         make_table(s->distances, DISTANCE_ROOM, DISTANCE_BITS, lengths + LITERALS, DISTANCES,
                    distance_entry);
}

static uint32_t plain_entry(unsigned symbol) { return LITERAL | symbol << 16; }

/// Reads the two codes of a block.
static int read_tables(stream *whole) {
  reader *s = &whole->r;
  static const uint8_t order[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                  11, 4,  12, 3, 13, 2, 14, 1, 15};
  fill(s);
  int literals = (int)take(s, 5) + 257, distances = (int)take(s, 5) + 1, codes = (int)take(s, 4) + 4;
  if (literals > 286 || distances > 30) return 0;
  uint8_t lengths[LITERALS + DISTANCES] = {0}, of_lengths[19] = {0};
  for (int i = 0; i < codes; i++) {
    fill(s);
    of_lengths[order[i]] = (uint8_t)take(s, 3);
  }
  uint32_t table[128];
  if (!make_table(table, 128, 7, of_lengths, 19, plain_entry)) return 0;
  for (int i = 0; i < literals + distances;) {
    fill(s);
    uint32_t e = table[s->bits & 127];
    if (!e || is_short(s)) return 0;
    take(s, e & 15);
    unsigned symbol = e >> 16, times = 1, value = symbol;
    if (symbol == 16) {
      if (i == 0) return 0;
      value = lengths[i - 1], times = 3 + take(s, 2);
    } else if (symbol > 16) {
      value = 0, times = symbol == 17 ? 3 + take(s, 3) : 11 + take(s, 7);
    }
    if (i + (int)times > literals + distances) return 0;
    memset(lengths + i, (int)value, times);
    i += (int)times;
  }
  if (lengths[256] == 0) return 0;
  uint8_t of_distances[DISTANCES] = {0};
  memcpy(of_distances, lengths + literals, (size_t)distances);
  return make_table(whole->literals, LITERAL_ROOM, LITERAL_BITS, lengths, literals, literal_entry) &&
         make_table(whole->distances, DISTANCE_ROOM, DISTANCE_BITS, of_distances, DISTANCES,
                    distance_entry);
}

/// Takes the code of the next symbol, whose entry it returns; 0 if there is none.
static inline uint32_t symbol(reader *s, const uint32_t *table, unsigned bits) {
  uint32_t e = table[s->bits & ((1u << bits) - 1)];
  if (e & NEXT) {
    take(s, bits);
    e = table[(e >> 16) + (s->bits & ((1u << (e >> 4 & 15)) - 1))];
  }
  take(s, e & 15);
  return e;
}

/// Copies `length` bytes from `distance` back; there may be an overlap. Where there is room, up to 15
/// bytes more are written.
static inline void copy_match(uint8_t *out, size_t distance, size_t length, size_t room) {
  const uint8_t *from = out - distance;
  if (room < length + 16 || (distance < 16 && distance != 1)) {
    for (size_t i = 0; i < length; i++) out[i] = from[i];
    return;
  }
  uint8_t *end = out + length;
  if (distance == 1) {
    uint8_t same[16];
    memset(same, *from, sizeof same);
    for (; out < end; out += 16) memcpy(out, same, 16);
  } else {
    for (; out < end; out += 16, from += 16) memcpy(out, from, 16);
  }
}

/// The symbols of a block, to its end. Works on a copy of the stream, which can be in registers.
static int read_block(stream *whole) {
  reader r = whole->r, *s = &r;
  const uint32_t *literals = whole->literals, *distances = whole->distances;
  int good = 0;
  for (;;) {
    fill(s);  // for a literal and a length of 15 bits each, or a length and a distance of 48 in all
    uint32_t e = symbol(s, literals, LITERAL_BITS);
    for (int i = 0; i < 2 && e & LITERAL; i++) {
      if (s->out == s->out_end) goto end;
      *s->out++ = (uint8_t)(e >> 16);
      if (s->count < 48) fill(s);
      e = symbol(s, literals, LITERAL_BITS);
    }
    if (e & LITERAL) {
      if (s->out == s->out_end) goto end;
      *s->out++ = (uint8_t)(e >> 16);
      continue;
    }
    if (!(e & BASE)) {
      good = (e & END) != 0;
      goto end;
    }
    size_t length = (e >> 16) + take(s, e >> 4 & 15);
    if (s->count < 28) fill(s);
    e = symbol(s, distances, DISTANCE_BITS);
    if (!(e & BASE)) goto end;
    size_t distance = (e >> 16) + take(s, e >> 4 & 15), room = (size_t)(s->out_end - s->out);
    if (is_short(s) || distance > (size_t)(s->out - s->begin) || length > room) goto end;
    copy_match(s->out, distance, length, room);
    s->out += length;
  }
end:
  whole->r = r;
  return good && !is_short(s);
}

/// A block of bytes as they are.
static int read_stored(reader *s) {
  take(s, s->count & 7);
  fill(s);
  uint32_t size = take(s, 16), check = take(s, 16);
  if (is_short(s) || size != (~check & 0xffff)) return 0;
  s->in -= (s->count - s->beyond) / 8;  // whole bytes that were read ahead
  s->bits = 0, s->count = 0, s->beyond = 0;
  if (size > (size_t)(s->in_end - s->in) || size > (size_t)(s->out_end - s->out)) return 0;
  if (size > 0) memcpy(s->out, s->in, size);
  s->in += size;
  s->out += size;
  return 1;
}

ptrdiff_t ci_inflate(const uint8_t *in, size_t in_count, uint8_t *out, size_t out_count,
                     uint32_t *crc) {
  stream s = {.r = {.in = in, .in_end = in + in_count, .out = out, .begin = out,
                    .out_end = out + out_count}};
  reader *r = &s.r;
  *crc = 0;
  for (int last = 0; !last;) {
    const uint8_t *begin = r->out;
    fill(r);
    last = (int)take(r, 1);
    int good = 0;
    switch (take(r, 2)) {
    case 0: good = read_stored(r); break;
    case 1: good = make_fixed_tables(&s) && read_block(&s); break;
    case 2: good = read_tables(&s) && read_block(&s); break;
    }
    if (!good || is_short(r)) return -1;
    *crc = ci_crc32(*crc, begin, (size_t)(r->out - begin));
  }
  if (r->out != r->out_end) return -1;
  return r->in - in - (ptrdiff_t)((r->count - r->beyond) / 8);
}
