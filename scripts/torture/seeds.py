"""Small valid inputs of every kind that expt reads, to be broken."""

import base64
import gzip
import io
import os
import struct
import tarfile
import zipfile
import zlib

SIDE, COUNT = 8, 12
SMALL = """name: small
seed: 3
dataset: { type: digits, train: 60, test: 10, validation: 10, size: 12 }
model:
  type: vae
  latent: 3
  beta: { type: linear, from: 0, to: 1, epochs: 2 }
  encoder: { type: mlp, hidden: [7], activation: relu }
optimizer: { type: adam, learning_rate: 2.0e-3 }
training: { epochs: 3, batch_size: 16 }
outputs: { image_count: 4 }
"""
SWEEP = """name: sweep
experiment: small.yaml
grid:
  model.latent: [2, 3]
when:
  - if: { model.latent: 3 }
    grid: { model.beta: [0.5, 1] }
seeds: 2
metric: validation_loss
limits: { max_runs: 9, max_hours: 1.5 }
slurm: { partition: a, time: "1:00:00", cpus: 2, memory: 2G, throttle: 3 }
"""
RANDOM = """name: random
experiment: small.yaml
random:
  count: 5
  seed: 1
  settings:
    optimizer.learning_rate: { log_uniform: [0.001, 0.01] }
    model.latent: { integer: [2, 5] }
    model.beta: { uniform: [0, 1] }
    optimizer.type: { choice: [adam, sgd] }
search: { type: asha, first_epochs: 1, reduction: 2 }
"""
TPE = """name: tpe
experiment: small.yaml
search: { type: tpe, trials: 3, seed: 1, settings: { model.latent: { integer: [2, 5] } } }
"""


def pixels(count=COUNT, channels=1):
    """Bytes of images that no compressor makes smaller than a header."""
    state, out = 1, bytearray()
    for _ in range(count * channels * SIDE * SIDE):
        state = (1103515245 * state + 12345) & 0x7fffffff
        out.append(state >> 16 & 255)
    return bytes(out)


def npy(shape=(COUNT, SIDE, SIDE), kind="|u1", data=None):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + (data or pixels())


def npz(array=None, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        archive.writestr("images.npy", array or npy())
        archive.writestr("labels.npy", npy((COUNT,), "<i8", struct.pack(f"<{COUNT}q", *range(COUNT))))
    return out.getvalue()


def idx(sizes=(COUNT, SIDE, SIDE)):
    return struct.pack(f">HBB{len(sizes)}I", 0, 8, len(sizes), *sizes) + pixels()


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(colour=0, depth=8, rows=None):
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    width = (SIDE * channels * depth + 7) // 8
    rows = rows or b"".join(bytes([row % 5]) + pixels(8)[:width] for row in range(SIDE))
    palette = chunk(b"PLTE", bytes(range(48))) if colour == 3 else b""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, depth, colour, 0, 0, 0))
            + palette + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


# Written by Tests/Python/jpegs.py: grey, progressive in colour, and turned by EXIF.
JPEGS = [base64.b64decode(text) for text in (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYW"
    "ICwgIyYnKSopGR8tMC0oMCUoKSj/wAALCAANABMBAREA/8QAFwABAAMAAAAAAAAAAAAAAAAABQIDBv/EACkQAAEDAwMD"
    "AgcAAAAAAAAAAAECAwQFESEABhIUMUETgRYiMlRhceP/2gAIAQEAAD8Az2zI2310WU27SasU9Ovir0G8fKcfXp13b8M0"
    "J4U/bUh9opbJU+4lpQVzGLAKx2zf20rC2reK0fhLx91/PQG1oU+p0Z3qaxLRwjuW6cBi90+eFr9vPb31LcbsGjsph1OJ"
    "Iq7qorTqX35R5JT6xHDIVjBPfzq+JLSqOksU6mIaNyhK2VqUE3wCQsXP5sP0Nf/Z",
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYW"
    "ICwgIyYnKSopGR8tMC0oMCUoKSj/2wBDAQcHBwoIChMKChMoGhYaKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo"
    "KCgoKCgoKCgoKCgoKCgoKCgoKCj/wgARCAANABMDASEAAhEBAxEB/8QAGAAAAgMAAAAAAAAAAAAAAAAAAAQBAgX/xAAX"
    "AQADAQAAAAAAAAAAAAAAAAADBAYF/9oADAMBAAIQAxAAAAHOf2BNDhkJmV7lW/8A/8QAGRAAAgMBAAAAAAAAAAAAAAAA"
    "AgQBAxMi/9oACAEBAAEFAkxXxlcMAV5VA7KWJCmBLn//xAAhEQACAQMDBQAAAAAAAAAAAAABAgADESIEEiEjgaHh8P/a"
    "AAgBAwEBPwE1aqrk4ttMXV8Dq+PcpndZKYtg3MVcRkfu0//EACERAAAFAgcAAAAAAAAAAAAAAAABAgMEBRETITFhY5Hw"
    "/9oACAECAQE/AaZOcdastegORye7FEcMpGG3kDTuY//EACQQAAEDAwEJAAAAAAAAAAAAAAEAAgMREiEyBBMkMVFhcaLh"
    "/9oACAEBAAY/AnAxS6egR3ezOIxzNEOE9viN0ztJ04VkjXSm0Gpd3WI46eF//8QAHhABAAIBBAMAAAAAAAAAAAAAAQAR"
    "QRAhYZExcYH/2gAIAQEAAT8hZWdqeL3PARbiV390ZUYa6HiFVom/DHMNFXAWtdz/2gAMAwEAAgADAAAAEK0P/8QAHBEB"
    "AAMAAgMAAAAAAAAAAAAAAQARQSExgaGx/9oACAEDAQE/EBVbHbjiH2eKEKgjE4W9OvPud5bRpH//xAAfEQEAAQQBBQAA"
    "AAAAAAAAAAABEQAhMUFhUZGhwdH/2gAIAQIBAT8QBCFgxK8OtWzkauvpQQBNiYl65z54q4z3j5X/xAAdEAEAAgIDAQEA"
    "AAAAAAAAAAABESEAMUFRgWFx/9oACAEBAAE/EHROiVqywlaIlDUBTVz5ky9cNf3IE55VnXOvccGzawNylLvnHB/KVJUK"
    "GX7B+Gf/2Q==",
    "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAAYEBQYFBAYG"
    "BQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0oMCUoKSj/2wBDAQcHBwoIChMK"
    "ChMoGhYaKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCj/wAARCAAIAAwDASIA"
    "AhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAb/xAAlEAABAgUBCQAAAAAAAAAAAAACAQMABAUGIRESExQVIjEyUYH/"
    "xAAVAQEBAAAAAAAAAAAAAAAAAAAEBv/EACERAQACAAQHAAAAAAAAAAAAAAECAwAEEUEFBiIxUWFx/9oADAMBAAIRAxEA"
    "PwCesyWt86LNNu0mrKPDnsluG8dK484oZegyYy7XL7bmH2lHVSfcFokL1oiFjtnX5CEUHK/FM1blpwtmyIIGq9tPu22C"
    "l9lMqUkvQ7vn0mP/2Q==")]


def pnm(colour=False):
    head = f"P{6 if colour else 5}\n# c\n{SIDE} {SIDE}\n255\n".encode()
    return head + pixels(1, 3 if colour else 1)


def cifar(count=4):
    return b"".join(bytes([image]) + pixels(48, 1)[:3072] for image in range(count))


def tar(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def unzipped(data):
    """A gzip file's inside and how to close it again, so that both can be broken."""
    return gzip.decompress(data), lambda inside: gzip.compress(inside, mtime=0)


def experiments(root):
    """The texts of the experiment files that come with the package, and a small one."""
    texts = [SMALL.encode()]
    for folder, _, names in os.walk(os.path.join(root, "experiments")):
        for name in sorted(names):
            if name.endswith(".yaml"):
                with open(os.path.join(folder, name), "rb") as file:
                    texts.append(file.read())
    return texts


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    return path
