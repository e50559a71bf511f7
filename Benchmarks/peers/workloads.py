"""What the peers train: the data of W1 to W5, and the loop that answers a driver.

A peer program prints a line of JSON once it is ready (compiled and warm), then waits: for each line on
stdin it does one round, an epoch of training or a pass over the test images, and prints its seconds.
So a driver can let programs take turns. With --rounds N it does N rounds on its own.
"""

import argparse
import gzip
import json
import os
import sys
import time

import numpy as np

WORKLOADS = ["W1", "W2", "W3", "W4", "W5-mlp", "W5-conv"]
BATCH = {"W1": 128, "W2": 128, "W3": 20, "W4": 64, "W5-mlp": 512, "W5-conv": 512}


def arguments(description, variants):
    parser = argparse.ArgumentParser(description=description)
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


def images(options):
    """Bytes [n, channels, height, width]: values do not change the speed, sizes do."""
    random = np.random.default_rng(0)
    if options.workload == "W4":
        data = random.integers(0, 256, (8192, 3, 64, 64), np.uint8)
    else:
        test = options.workload.startswith("W5")
        if options.data:
            data = idx(options.data, "t10k-images-idx3-ubyte" if test else "train-images-idx3-ubyte")
        else:
            shape = (10000 if test else 60000, 1, 28, 28)
            data = random.integers(0, 256, shape, np.uint8) * (random.random(shape) < 0.26)
    return np.ascontiguousarray(data[: options.images], np.uint8)


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
        print(json.dumps({"seconds": time.perf_counter() - began}), flush=True)
