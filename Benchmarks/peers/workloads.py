"""What the peers train: the data of W1 to W13, and the loop that answers a driver.

A peer program prints a line of JSON once it is ready (compiled and warm), then waits: for each line on
stdin it does one round, an epoch of training or a pass over the test images, and prints its seconds and
the most memory that it has had so far. So a driver can let programs take turns. With --rounds N it does N
rounds on its own.
"""

import argparse
import gzip
import json
import os
import resource
import sys
import time

import numpy as np

BATCH = {"W1": 128, "W2": 128, "W3": 20, "W4": 64, "W5-mlp": 512, "W5-conv": 512, "W6": 128, "W7": 20,
         "W8": 1024, "W9": 4096, "W10": 128, "W11": 32, "W12": 16, "W13": 16}
WORKLOADS = list(BATCH)
RATE = {workload: 3e-4 if workload == "W6" else 1e-3 for workload in WORKLOADS}
REDRAWN = ("W3", "W7")  # whose pixels are drawn anew from their grey values, for every batch
# Convolutional VAEs: channels, side of the smallest images, units of the linear layers, latents.
CONV = {"W2": ([1, 32, 64], 7, [256], 16), "W5-conv": ([1, 32, 64], 7, [256], 16),
        "W4": ([3, 32, 64, 128, 256], 4, [], 128),
        "W12": ([3, 32, 64, 128, 256, 512, 512], 4, [], 128),
        "W13": ([3, 256, 512, 1024, 2048], 4, [], 400)}
SHAPE = {"W4": (8192, 3, 64, 64), "W6": (8192, 3, 32, 32), "W8": (10240, 1, 64, 64),
         "W11": (512, 3, 128, 128), "W12": (256, 3, 256, 256),
         "W13": (128, 3, 64, 64)}


def arguments(description, variants):
    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("--data", help="folder of MNIST's IDX files; without it, noise of MNIST's mean")
    parser.add_argument("--variant", choices=variants, default=variants[0])
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, help="do this many rounds instead of waiting for a driver")
    parser.add_argument("--images", type=int, help="fewer images, for trying it out")
    return parser.parse_args()


def idx(folder, name):
    for path in (os.path.join(folder, name + ".gz"), os.path.join(folder, name)):
        if os.path.exists(path):
            with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
                return np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
    raise SystemExit(f"{folder} holds no {name}")


def sparse_sums(random, count, width=512, share=0.05):
    """Rows that are sums of some of `width` orthonormal patterns, floats."""
    patterns = np.linalg.qr(random.standard_normal((width, width)))[0].astype(np.float32)
    rows = np.empty((count, width), np.float32)
    for part in np.array_split(rows, max(1, count // 4096)):
        sizes = 1 + 0.05 * random.standard_normal(part.shape, np.float32)
        part[:] = (sizes * (random.random(part.shape, np.float32) < share)) @ patterns
    return rows


def images(options):
    """Bytes [n, channels, height, width], in W9 floats [n, 512]: values do not change the speed, sizes do."""
    random = np.random.default_rng(0)
    workload = options.workload
    if workload == "W9":
        data = sparse_sums(random, 32768)
    elif workload in SHAPE:
        data = random.integers(0, 256, SHAPE[workload], np.uint8)
    else:
        test = workload.startswith("W5")
        if options.data:
            data = idx(options.data, "t10k-images-idx3-ubyte" if test else "train-images-idx3-ubyte")
        else:
            shape = (10000 if test else 60000, 1, 28, 28)
            data = random.integers(0, 256, shape, np.uint8)
            data *= random.integers(0, 256, shape, np.uint8) < 66
        if workload == "W7":
            data = data[:12000]
    data = data[: options.images]
    return data if data.flags.writeable else data.copy()


def peak_memory():
    """The most memory that this process has had, in bytes; what it compiled in others is not in it."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def serve(options, program, version, round_):
    """`round_` does one round and returns when its results are there."""
    round_()
    round_()
    ready = {"program": program, "version": version, "workload": options.workload,
             "variant": options.variant, "threads": options.threads}
    print(json.dumps(ready), flush=True)
    lines = range(options.rounds) if options.rounds else sys.stdin
    for _ in lines:
        began = time.perf_counter()
        round_()
        seconds = time.perf_counter() - began
        print(json.dumps({"seconds": seconds, "peak_memory_bytes": peak_memory()}), flush=True)
