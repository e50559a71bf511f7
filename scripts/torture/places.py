"""Places where there is too little of something: disk, files, memory, threads, listeners."""

import os
import resource
import shutil
import subprocess
import sys

import seeds
from kills import go_on, reference

QUICK = ["--quiet", "--threads", "1"]


def limited(kind, values, answers):
    """Runs under a limit of the system, then continues without it."""
    def begin(campaign, part, folder):
        path, whole = reference(campaign, folder)

        def fault(number):
            random = campaign.random(part, number)
            place = f"{folder}/{number}"
            limit = random.choice(values)
            words = ["run", path] + QUICK + ["--run-dir", place]
            outcome = campaign.execute(
                words, limits=lambda: resource.setrlimit(kind, (limit, limit)))
            campaign.count(part, "faults")
            # Below what it takes to load a program at all, the loader answers.
            if outcome.code != 127 and campaign.judge(part, number, outcome, words, [place]):
                if outcome.code not in answers:
                    text = f"{limit}: {outcome.code} {outcome.err}"
                    campaign.fail(part, number, "odd answers", words, text, [place])
            go_on(campaign, part, number, path, place, whole)
            shutil.rmtree(place, ignore_errors=True)
        return fault
    return begin


def small_disk(campaign, part, folder):
    """A file system of some kilobytes, where this user may mount one."""
    path, whole = reference(campaign, folder)
    disk = f"{folder}/disk"
    os.makedirs(disk)
    if os.geteuid() != 0 or sys.platform != "linux" or not mounts(disk, 64):
        print(f"{part}: needs root on Linux: left out", file=sys.stderr)
        return lambda number: __import__("time").sleep(0.1)
    subprocess.run(["umount", disk])

    def fault(number):
        random = campaign.random(part, number)
        own = f"{folder}/disk-{number}"
        os.makedirs(own)
        if not mounts(own, random.randint(16, 400)):
            return
        try:
            place = f"{own}/run"
            words = ["run", path] + QUICK + ["--run-dir", place]
            outcome = campaign.execute(words)
            campaign.count(part, "faults")
            if campaign.judge(part, number, outcome, words) and outcome.code not in (0, 74):
                campaign.fail(
                    part, number, "odd answers", words, f"{outcome.code}: {outcome.err}", [place])
            subprocess.run(["mount", "-o", "remount,size=64m", own], check=True)
            go_on(campaign, part, number, path, place, whole)
        finally:
            subprocess.run(["umount", own])
            os.rmdir(own)
    return fault


def mounts(folder, kilobytes):
    words = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder]
    return subprocess.run(words, stderr=subprocess.DEVNULL).returncode == 0


def streams(campaign, part, folder):
    """Standard streams closed, full or left by their reader: 0 or 74, and the bytes the same."""
    path, whole = reference(campaign, folder)
    forms = [
        ("2>&-", 0), ("<&- 2>&-", 0), (">/dev/full", 74), (">&-", 74), ("<&- >&- 2>&-", 74),
        ("2>/dev/full", 0), ("2> >(true)", 0), ("2>&1 > >(true)", 0)]

    def fault(number):
        random = campaign.random(part, number)
        place = f"{folder}/{number}"
        form, expected = random.choice(forms)
        threads = random.choice(["1", "2", "5"])
        line = f'"$EXPT" run {path} --threads {threads} --run-dir {place} {form}'
        process = subprocess.run(
            ["bash", "-c", line], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=120,
            env={**campaign.environment, "EXPT": campaign.expt})
        campaign.count(part, "faults")
        if process.returncode != expected:
            verdict = "traps" if process.returncode > 130 else "odd answers"
            text = f"{process.returncode}, not {expected}: {process.stderr.decode(errors='replace')}"
            campaign.fail(part, number, verdict, [line], text, [place])
        go_on(campaign, part, number, path, place, whole)
        shutil.rmtree(place, ignore_errors=True)
    return fault


PARTS = {
    "file_size": limited(resource.RLIMIT_FSIZE, [0, 1, 500, 1000, 4096, 9000, 20000], (0, 74)),
    "open_files": limited(resource.RLIMIT_NOFILE, [4, 5, 6, 7, 8, 9, 12], (0, 74)),
    "memory": limited(
        resource.RLIMIT_AS, [m << 20 for m in (80, 90, 95, 100, 105, 110, 120, 150)], (0, 70, 74)),
    "small_disk": small_disk, "streams": streams,
}
