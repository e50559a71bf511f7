"""Breaks bytes at random, in the ways that parsers break on."""

import re
import struct

NUMBERS = [
    b"0", b"-1", b"1", b"2147483648", b"4294967295", b"4294967296", b"9000000000000000000",
    b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808",
    b"18446744073709551615", b"18446744073709551616", b"1e19", b"-1e19", b"9e18", b"1e308", b"1e999",
    b"-1e999", b"1e-320", b"nan", b"inf", b"-inf", b"-0.0", b"1099511627776", b"0x7fffffffffffffff",
    b"20000", b"1000000000", b"1" * 400,
]
PIECES = NUMBERS + [
    b"", b"\0", b"\t", b"\n", b"\r\n", b" ", b": ", b"- ", b"? ", b"#", b"&a ", b"*a", b"!!int ", b"|",
    b">", b"'", b'"', b"\\", b"[", b"]", b"{", b"}", b",", b"<<: ", b"---\n", b"...\n", b"@", b"`",
    b"\xff", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b"\xe2\x80\xae", b"\x1b[2J", b"=", b"~", b"null", b"true",
    b"../../x", b"/", b"/dev/zero", b"%s%n", b"..", b"a" * 5000, b"[" * 300, b"{a: " * 300, b"," * 300,
]
WORDS = [0, 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63 - 1, 2**63, 2**64 - 1]


def text(random, source):
    """A text with a few mistakes, most of them in its numbers."""
    source = bytearray(source)
    for _ in range(random.randint(1, 4)):
        place = random.randint(0, len(source))
        end = min(len(source), place + random.randint(0, 12))
        how = random.randrange(10)
        if how < 4:
            spots = [m.span() for m in re.finditer(rb"-?[0-9][0-9.e+-]*", source)]
            if spots:
                start, stop = random.choice(spots)
                source[start:stop] = random.choice(NUMBERS)
        elif how == 4:
            del source[place:end]
        elif how == 5:
            source[place:place] = source[place:end]
        elif how == 6:
            lines = source.split(b"\n")
            line = random.randrange(len(lines))
            lines[line:line + 1] = random.choice([[], [lines[line]] * 2, [lines[line - 1]]])
            source = bytearray(b"\n".join(lines))
        elif how == 7:
            words = [m.span() for m in re.finditer(rb"[A-Za-z_]+", source)]
            if len(words) > 1:
                start, stop = random.choice(words)
                other = random.choice(words)
                source[start:stop] = source[other[0]:other[1]]
        elif how == 8 and random.random() < 0.3:
            del source[place:]
        else:
            source[place:place] = random.choice(PIECES)
    return bytes(source)


def binary(random, source, head=256):
    """Bytes with a few mistakes, half of them among the first `head`, where sizes are written."""
    source = bytearray(source)
    for _ in range(random.randint(1, 4)):
        size = min(len(source), head) if random.random() < 0.5 else len(source)
        place = random.randint(0, max(0, size - 1))
        how = random.randrange(8)
        if how == 0:
            del source[place:]
        elif how == 1 and source:
            source[min(place, len(source) - 1)] ^= 1 << random.randrange(8)
        elif how == 2 and source:
            source[min(place, len(source) - 1)] = random.choice([0, 1, 0x7f, 0x80, 0xff])
        elif how < 6:
            form = random.choice(["<H", ">H", "<I", ">I", "<Q", ">Q"])
            width = struct.calcsize(form)
            value = random.choice(WORDS) & (2 ** (8 * width) - 1)
            source[place:place + width] = struct.pack(form, value)
        elif how == 6:
            end = min(len(source), place + random.randint(0, 64))
            source[place:place] = source[place:end]
        else:
            end = min(len(source), place + random.randint(0, 64))
            del source[place:end]
    return bytes(source)


def any_bytes(random, source):
    """As text, where it mostly is that, else as bytes."""
    printable = sum(32 <= byte < 127 or byte == 10 for byte in source[:400])
    is_text = printable > 0.9 * min(len(source), 400)
    return text(random, source) if is_text else binary(random, source)
