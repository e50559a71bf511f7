#!/usr/bin/env python3
"""Measures W1 to W13 with expt and its peers, taking turns, and prints medians and ratios.

    Benchmarks/run.py [W1 …] --data FOLDER_WITH_MNIST --rounds 5 --python PYTHON_WITH_TORCH_AND_JAX

Every program is started once and warmed up; then, round by round, each in turn does an epoch (in W5 a
pass over the test images) while the others sleep, so that a machine whose speed drifts drifts for all.
expt is restarted in each round, and warms up each time. What a peer's variants are is said in
peers/*.py. `tuned` is their PyTorch with fused Adam, an allocator that keeps its pages, and MKL told to use
AVX-512, or AVX2 where /proc/cpuinfo names no avx512f; all variants but `pytorch` have these settings, and
JAX that allocator. Which is fastest differs from workload to workload: without --peers, all that may be
take part. Programs that cannot start are left out, with the reason.

Memory is the most that a process has had since its start. Some hundred MB of PyTorch's are its libraries,
fewer if it was built without CUDA. The best peer is the one with the least median.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ALL = ["W1", "W2", "W3", "W4", "W5-mlp", "W5-conv", "W6", "W7", "W8", "W9", "W10", "W11", "W12", "W13"]
CONV = ["W2", "W4", "W5-conv", "W6", "W11", "W12", "W13"]
DENSE = [workload for workload in ALL if workload not in CONV]


def processor(field, otherwise=""):
    """What /proc/cpuinfo says of the first processor."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(l.split(":")[1].strip() for l in file if l.startswith(field))
    except (OSError, StopIteration):
        return otherwise


KEEPING = {"MALLOC_MMAP_THRESHOLD_": "1073741824", "MALLOC_TRIM_THRESHOLD_": "17179869184"}
TUNED = {"MKL_ENABLE_INSTRUCTIONS": "AVX512" if "avx512f" in processor("flags").split() else "AVX2",
         **KEEPING}
# The program, its variant and environment, and the workloads that it takes part in without --peers. Inside a
# loop, as `scan` is, XLA takes 50 to 100 times as long for the gradients of convolutions.
PEERS = {
    "pytorch": ("pytorch_bench.py", "eager", {}, ALL),
    "pytorch-tuned": ("pytorch_bench.py", "fused", TUNED, ALL),
    "pytorch-channels-last": ("pytorch_bench.py", "channels_last", TUNED, CONV),
    "pytorch-compiled": ("pytorch_bench.py", "compiled", TUNED, ALL),
    "pytorch-library": ("pytorch_bench.py", "library", TUNED, ["W6"]),
    "jax": ("jax_bench.py", "scan", KEEPING, DENSE),
    "jax-step": ("jax_bench.py", "step", KEEPING, CONV),
}


class Peer:
    """A program of peers/, waiting for its turn."""

    def __init__(self, name, workload, options):
        program, variant, environment, _ = PEERS[name]
        self.name = name
        self.peak_memory = 0
        command = [options.python, os.path.join(HERE, "peers", program), workload,
                   "--variant", variant, "--threads", str(options.threads)]
        if options.data:
            command += ["--data", options.data]
        if options.threads < os.cpu_count():
            command = ["taskset", "-c", f"0-{options.threads - 1}"] + command
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **environment})
        line = self.process.stdout.readline()
        if not line:
            reason = self.process.stderr.read().strip().splitlines()
            raise RuntimeError(reason[-1] if reason else "it ended without a word")
        self.version = json.loads(line)["version"]

    def round(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        self.peak_memory = answer["peak_memory_bytes"]
        return answer["seconds"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Expt:
    name = "expt"

    def __init__(self, workload, options):
        self.command = [options.expt, "bench", workload.replace("-", " "), "--json", "--rounds", "1",
                        "--threads", str(options.threads)]
        for setting in options.set:
            self.command += ["--set", setting]
        self.environment = dict(os.environ)
        if options.data:
            self.environment["EXPT_DATA"] = os.path.dirname(os.path.abspath(options.data))
        self.measurements = []
        self.version = subprocess.run([options.expt, "--version"], capture_output=True,
                                      text=True).stdout.strip()

    def round(self):
        done = subprocess.run(self.command, capture_output=True, text=True, env=self.environment)
        if done.returncode:
            raise RuntimeError(done.stderr)
        self.measurements.append(json.loads(done.stdout)["workloads"][0])
        return self.measurements[-1]["median_seconds"]

    def close(self):
        pass


def measure(workload, options):
    programs = [Expt(workload, options)]
    usual = [name for name, (*_, workloads) in PEERS.items() if workload in workloads]
    for name in usual if options.peers is None else options.peers:
        try:
            programs.append(Peer(name, workload, options))
        except RuntimeError as problem:
            print(f"{workload}: {name} is left out: {problem}", file=sys.stderr)
    seconds = {program.name: [] for program in programs}
    for number in range(options.rounds):
        for program in programs:
            time.sleep(0.3)  # for the threads of the one before to fall asleep
            seconds[program.name].append(program.round())
        print(f"{workload}: round {number + 1} of {options.rounds}: "
              + ", ".join(f"{name} {times[-1]:.3f}" for name, times in seconds.items()),
              file=sys.stderr)
    for program in programs:
        program.close()
    ours = programs[0].measurements
    return {
        "workload": workload, "seconds": seconds,
        "versions": {program.name: program.version for program in programs},
        "floor_seconds": statistics.median(m["gflop"] / m["floor_gflops"][0] for m in ours),
        "share_of_floor": statistics.median(m["share_of_floor"] for m in ours),
        "peak_memory_bytes": max(m["peak_memory_bytes"] for m in ours),
        "peers_peak_memory_bytes": {peer.name: peer.peak_memory for peer in programs[1:]},
        "allocations_per_step": ours[-1]["allocations_per_step"],
        "dataset": ours[-1]["dataset"],
    }


def table(results):
    names = list(dict.fromkeys(name for r in results for name in r["seconds"]))
    lines = ["| | floor | " + " | ".join(names)
             + " | best peer / expt | share of floor | memory | best peer's memory |",
             "| --- " * (len(names) + 6) + "|"]
    for r in results:
        medians = {name: statistics.median(times) for name, times in r["seconds"].items()}
        peers = sorted((name for name in medians if name != "expt"), key=medians.get)
        # The ratio of a round, then the median of rounds: drift within a round is all that is left.
        ratios = [min(r["seconds"][n][i] for n in peers) / ours
                  for i, ours in enumerate(r["seconds"]["expt"])] if peers else []
        cells = [r["workload"], f"{r['floor_seconds']:.3f}"]
        cells += [f"{medians[n]:.3f}" if n in medians else "–" for n in names]
        cells += [f"{statistics.median(ratios):.2f}" if ratios else "–",
                  f"{r['share_of_floor']:.2f}", f"{r['peak_memory_bytes'] / 1e6:.0f} MB",
                  f"{r['peers_peak_memory_bytes'][peers[0]] / 1e6:.0f} MB" if peers else "–"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", metavar="W1", default=ALL)
    parser.add_argument("--data", help="folder of MNIST's IDX files, named mnist")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--peers", nargs="*", choices=list(PEERS), help="default: those that may be fastest")
    parser.add_argument("--python", default=os.environ.get("EXPT_PYTHON", sys.executable))
    parser.add_argument("--expt", default=os.path.join(HERE, "..", ".build", "release", "expt"))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="a setting for expt alone, for trying this out")
    parser.add_argument("--json", help="write all seconds to this file")
    options = parser.parse_args()
    unknown = set(options.workloads) - set(ALL)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}: name {' '.join(ALL)}")
    if not os.path.exists(options.expt):
        parser.error(f"no {options.expt}: swift build -c release --product expt")
    results = [measure(workload, options) for workload in options.workloads]
    versions = {k: v for r in results for k, v in r["versions"].items()}
    name = processor("model name", platform.processor() or platform.machine())
    print(f"{name}, {options.threads} threads; "
          + ", ".join(f"{name} {version}" for name, version in versions.items())
          + f"; medians of {options.rounds} rounds, in seconds\n")
    print(table(results))
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
