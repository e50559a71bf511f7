"""Runs that are killed or told to stop, at random times and before single file operations, and resumed.

Whatever happened to it, a run that was resumed to its end has the bytes of one that was left alone.
"""

import filecmp
import os
import shutil
import subprocess
import sys
import time

import seeds
from campaign import SIGNALS, stop

HERE = os.path.dirname(os.path.abspath(__file__))
# Slow enough to be hit, and with everything that a run writes.
RUN = seeds.SMALL.replace("train: 60", "train: 400").replace("epochs: 3", "epochs: 4") + """
"""
COMPARED = ("metrics.csv", "checkpoints", "images")


def reference(campaign, folder):
    path = seeds.write(f"{folder}/run.yaml", RUN)
    whole = f"{folder}/whole"
    outcome = campaign.execute(["run", path, "--quiet", "--threads", "1", "--run-dir", whole])
    if outcome.code != 0:
        sys.exit(f"the run that nobody disturbs ends with {outcome.code}: {outcome.err}")
    return path, whole


def differences(run, whole):
    """The files that a run has otherwise than the one that was left alone."""
    found = []
    for name in COMPARED:
        for base, _, names in os.walk(os.path.join(whole, name)):
            for one in names:
                path = os.path.join(base, one)
                other = os.path.join(run, os.path.relpath(path, whole))
                if not os.path.exists(other) or not filecmp.cmp(path, other, shallow=False):
                    found.append(os.path.relpath(path, whole))
        path, other = os.path.join(whole, name), os.path.join(run, name)
        if os.path.isfile(path) and not (
                os.path.exists(other) and filecmp.cmp(path, other, shallow=False)):
            found.append(name)
    return found


def go_on(campaign, part, number, path, place, whole):
    """Resumes a run to its end, begins it where there is nothing to resume, and compares."""
    words = ["run", "--resume", place, "--quiet", "--threads", "1"]
    outcome = campaign.execute(words)
    if outcome.code in (65, 66) and not os.path.exists(f"{place}/run.json"):
        # Killed before there was a run.
        shutil.rmtree(place, ignore_errors=True)
        words = ["run", path, "--quiet", "--threads", "1", "--run-dir", place]
        outcome = campaign.execute(words)
    if not campaign.judge(part, number, outcome, words, [place]):
        return
    found = differences(place, whole)
    if outcome.code != 0:
        campaign.fail(part, number, "odd answers", words, f"{outcome.code}: {outcome.err}", [place])
    elif found:
        campaign.fail(part, number, "differing bytes", words, ", ".join(found), [place])
    states = campaign.execute(["runs", place, "--csv"])
    if outcome.code == 0 and "finished" not in states.out:
        campaign.fail(part, number, "differing bytes", ["runs", place], states.out, [place])


def at_random_times(how):
    def begin(campaign, part, folder):
        path, whole = reference(campaign, folder)
        began = time.monotonic()
        campaign.execute(["run", path, "--quiet", "--threads", "1", "--run-dir", f"{folder}/timed"])
        length = time.monotonic() - began

        def fault(number):
            random = campaign.random(part, number)
            place = f"{folder}/{number}"
            words = ["run", path, "--quiet", "--threads", "1", "--run-dir", place]
            for _ in range(random.randint(1, 3)):
                process = subprocess.Popen(
                    [campaign.expt] + words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE, env=campaign.environment)
                time.sleep(random.uniform(0, 1.2 * length))
                stop(process, SIGNALS[how])
                if random.random() < 0.2:
                    stop(process, SIGNALS[how])
                try:
                    _, err = process.communicate(timeout=30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    _, err = process.communicate()
                    campaign.fail(part, number, "hangs", words, err.decode(errors="replace"), [place])
                campaign.count(part, "kills" if how == "kill" else "signals")
                allowed = {0, 130} | {-SIGNALS[how]}
                if process.returncode not in allowed:
                    verdict = "traps" if process.returncode < 0 else "odd answers"
                    campaign.fail(part, number, verdict, words, err.decode(errors="replace"), [place])
                if not os.path.exists(f"{place}/run.json"):
                    break
                words = ["run", "--resume", place, "--quiet", "--threads", "1"]
            go_on(campaign, part, number, path, place, whole)
            shutil.rmtree(place, ignore_errors=True)
        return fault
    return begin


def shim(campaign, folder):
    """The library that places faults, or nil where there is no compiler or no way to load it."""
    target = f"{folder}/faults.so"
    for compiler in ("cc", "clang", "gcc"):
        if shutil.which(compiler) and sys.platform == "linux":
            words = [compiler, "-shared", "-fPIC", "-O1", "-o", target, f"{HERE}/faults.c", "-ldl"]
            if subprocess.run(words).returncode == 0:
                return target
    return None


def placed(how):
    """A fault before the n-th file operation of a run, then on to its end."""
    def begin(campaign, part, folder):
        path, whole = reference(campaign, folder)
        library = shim(campaign, folder)
        if not library:
            print(f"{part}: needs Linux and a C compiler: left out", file=sys.stderr)
            return lambda number: time.sleep(0.1)

        def fault(number):
            random = campaign.random(part, number)
            place = f"{folder}/{number}"
            first = ["run", path, "--quiet", "--threads", "1", "--run-dir", place]
            env = {"LD_PRELOAD": library, "TORTURE_AT": str(number % 300), "TORTURE_DO": how}
            expected = [SIGNALS[how]] if how in SIGNALS else []
            outcome = campaign.execute(first, env=env, expected_signals=expected)
            kind = "kills" if how == "kill" else "signals" if how in SIGNALS else "faults"
            campaign.count(part, kind)
            campaign.judge(part, number, outcome, first, [place])
            if how in ("enospc", "eio") and outcome.code not in (0, 74):
                text = f"{outcome.code}: {outcome.err}"
                campaign.fail(part, number, "odd answers", first, text, [place])
            if random.random() < 0.3 and os.path.exists(f"{place}/run.json"):
                again = ["run", "--resume", place, "--quiet", "--threads", "1"]
                env["TORTURE_AT"] = str(random.randrange(120))
                outcome = campaign.execute(again, env=env, expected_signals=expected)
                campaign.count(part, kind)
                campaign.judge(part, number, outcome, again, [place])
            go_on(campaign, part, number, path, place, whole)
            shutil.rmtree(place, ignore_errors=True)
        return fault
    return begin


PARTS = {
    "kill": at_random_times("kill"), "term": at_random_times("term"), "int": at_random_times("int"),
    "hup": at_random_times("hup"),
    "placed_kill": placed("kill"), "placed_term": placed("term"),
    "placed_full_disk": placed("enospc"), "placed_bad_disk": placed("eio"),
}
