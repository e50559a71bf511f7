"""Runs the program, judges how it ends, and counts."""

import collections
import concurrent.futures
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

# Done, usage, data, no input, our fault, input/output, interrupted.
ANSWERS = {0, 64, 65, 66, 70, 74, 130}
KINDS = ["kills", "signals", "damaged files", "faults", "fuzzed inputs"]
VERDICTS = ["traps", "hangs", "odd answers", "differing bytes"]


class Outcome:
    def __init__(self, code, out, err, hung):
        self.code, self.out, self.err, self.hung = code, out, err, hung

    @property
    def trapped(self):
        """Whether a signal that nobody sent ended it, in it or in a run that it started."""
        return self.code < 0 or "Fatal error:" in self.err or "Program crashed" in self.err


class Campaign:
    def __init__(self, options):
        self.options = options
        self.expt = os.path.abspath(options.expt)
        self.scratch = tempfile.mkdtemp(prefix="expt-torture-")
        self.counts = collections.Counter()
        self.answers = collections.Counter()
        self.by_part = collections.defaultdict(collections.Counter)
        self.failures = []
        self.lock = threading.Lock()
        self.environment = dict(
            os.environ, EXPT_OFFLINE="1", SWIFT_BACKTRACE="enable=no", NO_COLOR="1")

    # Running

    def execute(self, words, timeout=60, cwd=None, env=None, expected_signals=(), limits=None):
        """Runs expt; anything but a sentence and a code that means something is a failure."""
        process = subprocess.Popen(
            [self.expt] + words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, cwd=cwd or self.scratch, env={**self.environment, **(env or {})},
            preexec_fn=limits)
        hung = False
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            hung = True
            process.kill()
            out, err = process.communicate()
        outcome = Outcome(
            process.returncode, out.decode(errors="replace"), err.decode(errors="replace"), hung)
        if -outcome.code in expected_signals and not hung:
            outcome.code = 0
        with self.lock:
            if not hung:
                self.answers[outcome.code] += 1
        return outcome

    def verdict(self, outcome):
        """What is wrong with how it ended; None where nothing is."""
        if outcome.hung:
            return "hangs"
        if outcome.trapped:
            return "traps"
        return None if outcome.code in ANSWERS else "odd answers"

    def judge(self, part, number, outcome, words, files=()):
        """Counts a failure and keeps its files. Returns whether there is none."""
        verdict = self.verdict(outcome)
        if verdict:
            self.fail(part, number, verdict, words, outcome.err[-2000:], files)
        return verdict is None

    def fail(self, part, number, verdict, words, text, files=()):
        with self.lock:
            self.counts[verdict] += 1
            self.by_part[part][verdict] += 1
            self.failures.append((part, number, verdict))
            if self.by_part[part][verdict] > 20:
                return
        folder = os.path.join(self.options.keep, f"{part}-{number}")
        os.makedirs(folder, exist_ok=True)
        for path in files:
            target = os.path.join(folder, os.path.basename(path))
            if os.path.isdir(path):
                shutil.copytree(path, target, symlinks=True, dirs_exist_ok=True)
            elif os.path.exists(path):
                shutil.copy(path, target)
        with open(os.path.join(folder, "what.txt"), "a") as file:
            file.write(f"{verdict}: expt {shlex.join(words)}\n{text}\n")
        print(f"{verdict}: {part} {number}: {text.strip().splitlines()[-1:]}", file=sys.stderr)

    def count(self, part, kind, number=1):
        with self.lock:
            self.counts[kind] += number
            self.by_part[part][kind] += number

    # Parts

    def random(self, part, number):
        return random.Random(f"{self.options.seed}/{part}/{number}")

    def run_part(self, name, make, seconds, count):
        """Calls what `make` returns with the numbers of faults, on several threads."""
        began = time.monotonic()
        folder = os.path.join(self.scratch, name)
        os.makedirs(folder)
        fault = make(self, name, folder)
        batch = getattr(fault, "batch", 1)
        number = self.options.first
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            waiting = set()
            while (number < self.options.first + count if count
                   else time.monotonic() - began < seconds):
                waiting.add(pool.submit(fault, number))
                number += batch
                if len(waiting) >= 2 * self.options.jobs:
                    done, waiting = concurrent.futures.wait(
                        waiting, return_when=concurrent.futures.FIRST_COMPLETED)
                    for one in done:
                        one.result()
            for one in waiting:
                one.result()
        shutil.rmtree(folder, ignore_errors=True)
        done = ", ".join(f"{kind} {n}" for kind, n in sorted(self.by_part[name].items()))
        print(f"{name}: {done or 'nothing'} in {time.monotonic() - began:.0f} s", file=sys.stderr)

    # The end

    def report(self):
        shutil.rmtree(self.scratch, ignore_errors=True)
        print(f"| seed {self.options.seed} | count |\n| --- | ---: |")
        for kind in KINDS + VERDICTS:
            print(f"| {kind} | {self.counts[kind]} |")
        for code, number in sorted(self.answers.items()):
            print(f"| ended with {code} | {number} |")
        if self.failures:
            print(f"what broke is in {os.path.abspath(self.options.keep)}", file=sys.stderr)
        return 1 if any(self.counts[kind] for kind in VERDICTS) else 0


def stop(process, number):
    """Sends a signal to a process of ours that may have ended by itself."""
    if process.poll() is None:
        process.send_signal(number)


SIGNALS = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "int": signal.SIGINT,
           "hup": signal.SIGHUP}
