#!/usr/bin/env python3
"""Measures the matrix products and convolutions of the workloads beside a bare product of the same size by
oneDNN (libdnnl's dnnl_sgemm), where that library is present; else by PyTorch, with --python.

    Benchmarks/kernels.py [W1 …] --threads 2 --rounds 5

The kernels of Sources/CKernels are compiled by themselves (clang -O3, or $CC and $CFLAGS). Ours and theirs run in
processes of their own, which take turns: each measures a shape for some 30 ms (median of the calls;
with --fastest, on a machine that does other things too, the fastest), then sleeps. A convolution stands beside the product of the matrices it would be, without the copying
that such a product needs. NN, NT and TN say which operand is transposed: NT is a linear layer forward,
NN its gradient by the input, TN by the weight. The median of the rounds is printed, in GFLOP/s.
"""

import argparse
import ctypes
import glob
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


# The shapes: (name, ours, m, n, k); ours is ("gemm" or "halves", transA, transB) or ("conv", function,
# sizes).
def linear(layer, batch, inputs, units, gradients, first=False):
    shapes = [(f"{layer} forward NT", ("gemm", 0, 1), batch, units, inputs)]
    if gradients:
        if not first:
            kind = "halves" if units >= 4 * batch else "gemm"  # as Linear.swift chooses
            shapes.append((f"{layer} input NN", (kind, 0, 0), batch, inputs, units))
        shapes.append((f"{layer} weight TN", ("gemm", 1, 0), units, inputs, batch))
    return shapes


def conv(layer, batch, inputs, outputs, side, gradients, transposed=False, first=False):
    """Kernel 4, stride 2, padding 1: `side` is that of the smaller images."""
    taps, pixels = 16, batch * side * side
    large, small = (outputs, inputs) if transposed else (inputs, outputs)
    name = "ck_conv_transpose2d" if transposed else "ck_conv2d"
    sizes = ([batch, inputs, side, side, outputs, 2 * side, 2 * side] if transposed else
             [batch, inputs, 2 * side, 2 * side, outputs, side, side]) + [4, 4, 2, 2, 1, 1]
    # To the smaller images: [small, pixels] by large·taps; to the larger: [pixels, large·taps] by small.
    down = (small, pixels, large * taps)
    up = (pixels, large * taps, small)
    shapes = [(f"{layer} forward", ("conv", name + "_forward", sizes), *(up if transposed else down))]
    if gradients:
        if not first:
            shapes.append((f"{layer} input", ("conv", name + "_backward_input", sizes),
                           *(down if transposed else up)))
        shapes.append((f"{layer} weight", ("conv", name + "_backward_weight", sizes),
                       small, large * taps, pixels))
    return shapes


def same(layer, batch, inputs, outputs, side):
    """Kernel 3, stride 1, padding 1."""
    pixels, taps = batch * side * side, 9
    sizes = [batch, inputs, side, side, outputs, side, side, 3, 3, 1, 1, 1, 1]
    return [(f"{layer} forward", ("conv", "ck_conv2d_forward", sizes), outputs, pixels, inputs * taps),
            (f"{layer} input", ("conv", "ck_conv2d_backward_input", sizes), pixels, inputs * taps, outputs),
            (f"{layer} weight", ("conv", "ck_conv2d_backward_weight", sizes), outputs, inputs * taps, pixels)]


def shapes(workload):
    if workload == "W6":
        return (conv("conv 3-64", 128, 3, 64, 16, True, first=True) + conv("conv 64-128", 128, 64, 128, 8, True)
                + same("same 128-128", 128, 128, 128, 8) + same("same 128-32", 128, 128, 32, 8)
                + conv("up 128-64", 128, 128, 64, 8, True, True) + conv("up 64-3", 128, 64, 3, 16, True, True))
    if workload == "W7":
        return (linear("50-200", 1000, 50, 200, True) + linear("200-200", 1000, 200, 200, True)
                + linear("200-784", 1000, 200, 784, True))
    if workload == "W8":
        return (linear("4096-1200", 1024, 4096, 1200, True, True) + linear("1200-1200", 1024, 1200, 1200, True)
                + linear("1200-4096", 1024, 1200, 4096, True))
    if workload == "W9":
        return linear("512-8192", 4096, 512, 8192, False)
    if workload == "W10":
        return linear("96-320", 128, 96, 320, True) + linear("320-64", 128, 320, 64, True)
    if workload == "W11":
        return (conv("conv 3-32", 32, 3, 32, 64, True, first=True) + same("same 32-32", 32, 32, 32, 64)
                + conv("conv 32-64", 32, 32, 64, 32, True) + same("same 64-64", 32, 64, 64, 32)
                + same("same 128-128", 32, 128, 128, 16) + conv("up 32-3", 32, 32, 3, 64, True, True))
    if workload == "W12":
        return (conv("conv 3-32", 16, 3, 32, 128, True, first=True) + conv("conv 32-64", 16, 32, 64, 64, True)
                + conv("conv 64-128", 16, 64, 128, 32, True) + conv("conv 256-512", 16, 256, 512, 8, True)
                + conv("up 64-32", 16, 64, 32, 64, True, True) + conv("up 32-3", 16, 32, 3, 128, True, True))
    if workload == "W13":
        return (conv("conv 3-256", 16, 3, 256, 32, True, first=True) + conv("conv 256-512", 16, 256, 512, 16, True)
                + conv("conv 1024-2048", 16, 1024, 2048, 4, True)
                + conv("up 2048-1024", 16, 2048, 1024, 4, True, True) + linear("32768-800", 16, 32768, 800, True))
    if workload == "W1" or workload == "W5-mlp":
        batch, g = (128, True) if workload == "W1" else (512, False)
        return (linear("784-400", batch, 784, 400, g, True) + linear("400-40", batch, 400, 40, g)
                + linear("20-400", batch, 20, 400, g) + linear("400-784", batch, 400, 784, g))
    if workload == "W3":
        return (linear("784-200", 20, 784, 200, True, True) + linear("200-200", 20, 200, 200, True)
                + linear("200-100", 20, 200, 100, True) + linear("50-200", 20, 50, 200, True)
                + linear("200-784", 20, 200, 784, True))
    if workload in ("W2", "W5-conv"):
        b, g = (128, True) if workload == "W2" else (512, False)
        return (conv("conv 1-32", b, 1, 32, 14, g, first=True) + conv("conv 32-64", b, 32, 64, 7, g)
                + linear("3136-256", b, 3136, 256, g) + linear("256-32", b, 256, 32, g)
                + linear("16-256", b, 16, 256, g) + linear("256-3136", b, 256, 3136, g)
                + conv("up 64-32", b, 64, 32, 7, g, True) + conv("up 32-1", b, 32, 1, 14, g, True))
    return (conv("conv 3-32", 64, 3, 32, 32, True, first=True) + conv("conv 32-64", 64, 32, 64, 16, True)
            + conv("conv 64-128", 64, 64, 128, 8, True) + conv("conv 128-256", 64, 128, 256, 4, True)
            + linear("4096-256", 64, 4096, 256, True) + linear("128-4096", 64, 128, 4096, True)
            + conv("up 256-128", 64, 256, 128, 4, True, True)
            + conv("up 128-64", 64, 128, 64, 8, True, True) + conv("up 64-32", 64, 64, 32, 16, True, True)
            + conv("up 32-3", 64, 32, 3, 32, True, True))


ALL = ["W1", "W2", "W3", "W4", "W5-mlp", "W5-conv"] + [f"W{i}" for i in range(6, 14)]
FLOATS = ctypes.POINTER(ctypes.c_float)
LONG = ctypes.c_long


def buffer(count):
    """Floats on a cache line's boundary, small and not denormal."""
    raw = (ctypes.c_float * (count + 16))()
    offset = (-ctypes.addressof(raw) % 64) // 4
    block = (ctypes.c_float * 1024)(*[((i * 37) % 101 - 50) / 100 for i in range(1024)])
    for start in range(0, count, 1024):
        size = min(1024, count + 16 - start) * 4
        ctypes.memmove(ctypes.addressof(raw) + 4 * start, block, size)
    floats = ctypes.cast(ctypes.addressof(raw) + 4 * offset, FLOATS)
    floats.keep = raw
    return floats


class Ours:
    def __init__(self, threads, folder):
        library = os.path.join(folder, "kernels.so")
        self.library = ctypes.CDLL(library)
        self.library.ck_pool_create.restype = ctypes.c_void_p
        self.pool = ctypes.c_void_p(self.library.ck_pool_create(threads))

    @staticmethod
    def build(folder):
        compiler = os.environ.get("CC", "clang")
        kernels = os.path.join(HERE, "..", "Sources", "CKernels")
        sources = sorted(glob.glob(os.path.join(kernels, "*", "*.c")))
        flags = os.environ.get("CFLAGS", "-O3 -fno-math-errno").split()
        subprocess.run([compiler, *flags, "-shared", "-fPIC", "-pthread", "-I", kernels, "-I",
                        os.path.join(kernels, "include"), *sources, "-lm",
                        "-o", os.path.join(folder, "kernels.so")], check=True)

    def call(self, shape):
        _, kind, m, n, k = shape
        if kind[0] == "gemm":
            a, b, c = buffer(m * k), buffer(k * n), buffer(m * n)
            lda, ldb = (m if kind[1] else k), (k if kind[2] else n)
            arguments = (self.pool, ctypes.c_int(kind[1]), ctypes.c_int(kind[2]), LONG(m), LONG(n),
                         LONG(k), a, LONG(lda), b, LONG(ldb), c, LONG(n), ctypes.c_int(0), None)
            return lambda: self.library.ck_gemm(*arguments)
        if kind[0] == "halves":
            arguments = (self.pool, LONG(m), LONG(n), LONG(k), buffer(m * k), buffer(k * n),
                         buffer(m * n), ctypes.c_int(0))
            return lambda: self.library.ck_gemm_halves(*arguments)
        _, name, s = kind
        x, y = buffer(s[0] * s[1] * s[2] * s[3]), buffer(s[0] * s[4] * s[5] * s[6])
        w = buffer(s[1] * s[4] * s[7] * s[8])
        sizes = (LONG * 13)(*s)
        function, no = getattr(self.library, name), ctypes.c_int(0)
        if name.endswith("forward"):
            arguments = (self.pool, sizes, x, w, y, no, None)
        elif name.endswith("input"):
            arguments = (self.pool, sizes, y, w, x, no)
        else:
            arguments = (self.pool, sizes, y, x, w, no)
        return lambda: function(*arguments)


class OneDNN:
    def __init__(self, threads, folder):
        os.environ["OMP_NUM_THREADS"] = str(threads)
        names = ["libdnnl.so.3", "libdnnl.so.2", "libdnnl.so"]
        for name in [os.environ.get("DNNL", "")] + names:
            try:
                self.sgemm = ctypes.CDLL(name).dnnl_sgemm if name else None
            except OSError:
                continue
            if self.sgemm:
                return
        raise RuntimeError("no libdnnl here (Debian: apt-get install libdnnl2)")

    def call(self, shape):
        _, kind, m, n, k = shape
        ta, tb = (0, 0) if kind[0] == "conv" else kind[1:]
        a, b, c = buffer(m * k), buffer(k * n), buffer(m * n)
        char, long, one = ctypes.c_char, ctypes.c_int64, ctypes.c_float
        arguments = (char(b"T" if ta else b"N"), char(b"T" if tb else b"N"), long(m), long(n), long(k),
                     one(1), a, long(m if ta else k), b, long(k if tb else n), one(0), c, long(n))
        return lambda: self.sgemm(*arguments)


class PyTorch:
    def __init__(self, threads, folder):
        import torch

        torch.set_num_threads(threads)
        self.torch = torch

    def call(self, shape):
        _, kind, m, n, k = shape
        ta, tb = (0, 0) if kind[0] == "conv" else kind[1:]
        a = self.torch.randn(k, m).t() if ta else self.torch.randn(m, k)
        b = self.torch.randn(n, k).t() if tb else self.torch.randn(k, n)
        c = self.torch.empty(m, n)
        return lambda: self.torch.mm(a, b, out=c)


CHILDREN = {"expt": Ours, "oneDNN": OneDNN, "PyTorch": PyTorch}


def child(options):
    """Answers each line, a shape as JSON, with the median seconds of a call."""
    try:
        library = CHILDREN[options.child](options.threads, options.folder)
    except Exception as problem:
        print(json.dumps({"problem": str(problem)}), flush=True)
        return
    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        call = library.call(json.loads(line))
        call()
        times = []
        began = time.perf_counter()
        while len(times) < 3 or time.perf_counter() - began < 0.03:
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        print(json.dumps(min(times) if options.fastest else statistics.median(times)), flush=True)


class Child:
    def __init__(self, name, folder, options):
        python = options.python if name == "PyTorch" else sys.executable
        self.process = subprocess.Popen(
            [python, __file__, "--child", name, "--folder", folder, "--threads", str(options.threads)]
            + ["--fastest"] * options.fastest,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        answer = json.loads(self.process.stdout.readline() or '{"problem": "it did not start"}')
        self.problem = answer.get("problem")

    def seconds(self, shape):
        self.process.stdin.write(json.dumps(shape) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", metavar="W1", default=ALL)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--python", default=os.environ.get("EXPT_PYTHON", sys.executable))
    parser.add_argument("--json", help="write the seconds to this file")
    parser.add_argument("--fastest", action="store_true")
    parser.add_argument("--child", choices=list(CHILDREN), help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return child(options)
    unknown = set(options.workloads) - set(ALL)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}: name {' '.join(ALL)}")
    with tempfile.TemporaryDirectory() as folder:
        Ours.build(folder)
        ours, theirs, name = Child("expt", folder, options), None, None
        for name in ["oneDNN", "PyTorch"]:
            theirs = Child(name, folder, options)
            if not theirs.problem:
                break
            print(f"{name}: {theirs.problem}", file=sys.stderr)
        else:
            theirs, name = None, "nothing"
        print(f"GFLOP/s, {options.threads} threads, medians of {options.rounds} rounds; beside {name}\n")
        print(f"| | m×n×k | expt | {name} | ratio |\n| --- | --- | --- | --- | --- |")
        record = []
        for workload in options.workloads:
            for shape in shapes(workload):
                pairs = [(ours.seconds(shape), theirs.seconds(shape) if theirs else float("nan"))
                         for _ in range(options.rounds)]
                title, _, m, n, k = shape
                mine, other = (statistics.median(p) for p in zip(*pairs))
                ratio = statistics.median(b / a for a, b in pairs)
                flop = 2e-9 * m * n * k
                print(f"| {workload} {title} | {m}×{n}×{k} | {flop / mine:.0f} | {flop / other:.0f} "
                      f"| {ratio:.2f} |", flush=True)
                record.append({"workload": workload, "shape": title, "size": [m, n, k],
                               "expt_seconds": [p[0] for p in pairs], f"{name}_seconds": [p[1] for p in pairs]})
        if options.json:
            with open(options.json, "w") as file:
                json.dump(record, file, indent=1)


if __name__ == "__main__":
    main()
