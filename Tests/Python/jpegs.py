"""JPEG pictures for tests, and what Pillow makes of them.

    python jpegs.py fixtures            prints the lines of JPEGFixture.swift
    python jpegs.py write FOLDER COUNT  writes COUNT pictures of many sizes, kinds and orientations,
                                        and beside each what Pillow decodes, as FILE.ppm or FILE.pgm
"""

import base64
import hashlib
import io
import os
import random
import sys

from PIL import Image, ImageOps


def picture(width, height, mode="RGB", shift=0):
    """Smooth colours with an edge, so that upsampling and clamping show; whole numbers only."""
    image = Image.new("RGB", (width, height))
    image.putdata([
        ((x * 37 + shift) % 256, (y * 53 + x * y + shift) % 256, 255 if x > y else (x * 11) % 256)
        for y in range(height) for x in range(width)])
    return image.convert(mode)


def encoded(image, orientation=None, **options):
    out = io.BytesIO()
    if orientation:
        exif = Image.Exif()
        exif[0x0112] = orientation
        options["exif"] = exif
    image.save(out, "JPEG", **options)
    return out.getvalue()


def decoded(data):
    return ImageOps.exif_transpose(Image.open(io.BytesIO(data)))


FIXTURES = {
    "grey": lambda: encoded(picture(19, 13, "L"), quality=80, optimize=True),
    "colour": lambda: encoded(picture(19, 13), quality=80, subsampling="4:2:0"),
    "full": lambda: encoded(picture(9, 7), quality=90, subsampling="4:4:4", optimize=True),
    "progressive": lambda: encoded(picture(19, 13), quality=80, subsampling="4:2:2", progressive=True),
    "restarts": lambda: encoded(picture(40, 24), quality=60, restart_marker_blocks=1, optimize=True),
    "turned": lambda: encoded(picture(12, 8), orientation=6, quality=80, optimize=True),
    "printing": lambda: encoded(picture(8, 8, "CMYK"), quality=80, optimize=True),
}


def fixtures():
    print("import Foundation\npublic import Testing\n")
    print("/// Small JPEG pictures, and what Pillow makes of them: printed by Tests/Python/jpegs.py.")
    print("public struct JPEGFixture: Sendable, CustomTestStringConvertible {")
    for field in ("testDescription: String", "bytes: [UInt8]", "width: Int", "height: Int"):
        print(f"  public var {field}")
    print("  /// Of its samples by Pillow.\n  public var sha256: String\n")
    names = ", ".join(f".{name}" for name in FIXTURES if name != "printing")
    print(f"  public static let all: [JPEGFixture] = [{names}]\n")
    for name, make in FIXTURES.items():
        data = make()
        image = decoded(data)
        text = base64.b64encode(data).decode()
        print(f'  public static let {name} = JPEGFixture(\n    "{name}", {image.width}, {image.height},')
        print(f'    sha256: "{hashlib.sha256(image.tobytes()).hexdigest()}",\n    """')
        for start in range(0, len(text), 96):
            print(f"    {text[start:start + 96]}")
        print('    """)\n')
    print("  private init(_ name: String, _ width: Int, _ height: Int, sha256: String, _ base64: String) {")
    print("    (testDescription, self.width, self.height) = (name, width, height)")
    print("    self.sha256 = sha256")
    print("    let text = Data(base64.filter { $0 != \"\\n\" }.utf8)")
    print("    bytes = Data(base64Encoded: text).map(Array.init) ?? []\n  }\n}")


def write(folder, count):
    draw = random.Random(1)
    for number in range(count):
        image = picture(
            draw.randint(1, 90), draw.randint(1, 70), draw.choice(["RGB", "RGB", "L"]), number)
        data = encoded(
            image, draw.choice([None, *range(1, 9)]), quality=draw.choice([30, 75, 90, 100]),
            subsampling=draw.choice(["4:4:4", "4:2:2", "4:2:0"]), progressive=draw.random() < 0.3,
            optimize=draw.random() < 0.5)
        name = os.path.join(folder, f"{number:04}.jpg")
        with open(name, "wb") as file:
            file.write(data)
        decoded(data).save(name + ".pnm", "PPM")


if sys.argv[1] == "fixtures":
    fixtures()
else:
    write(sys.argv[2], int(sys.argv[3]))
