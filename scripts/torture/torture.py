#!/usr/bin/env python3
"""The fault campaign: expt under kills, signals, damaged files, full disks and broken inputs.

    scripts/torture/torture.py                        ten minutes of everything
    scripts/torture/torture.py --minutes 60 --seed 7  longer, and other faults
    scripts/torture/torture.py --only fuzz --count 50000
    scripts/torture/torture.py --only npz --first 812 --count 1    one input again

Each fault follows from the seed, its part and its number, so that whatever is found is found again.
What broke is kept, with the command, in the folder that is named at the end. Exit 1 unless there are
0 traps (ended by a signal of their own), 0 hangs, 0 answers that mean nothing and 0 bytes that
differ. Python's standard library and the built program are all that is needed; a C compiler, where
there is one, places faults before single file operations.
"""

import argparse
import os
import sys
import time

import damage
import inputs
import kills
import places
from campaign import Campaign

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main():
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--expt", default=os.path.join(ROOT, ".build/debug/expt"))
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--minutes", type=float, default=10, help="for all parts together")
    options.add_argument("--count", type=int, help="faults of each part, instead of a time")
    options.add_argument("--first", type=int, default=0, help="the number of the first fault")
    options.add_argument("--only", action="append", help="parts, or groups of them, to run")
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    options.add_argument("--keep", default="torture-failures", help="a folder for what broke")
    options.add_argument("--list", action="store_true", help="name the parts")
    chosen = options.parse_args()

    groups = {
        "kills": kills.PARTS, "damage": damage.PARTS, "places": places.PARTS, "fuzz": inputs.PARTS}
    parts = {name: part for group in groups.values() for name, part in group.items()}
    if chosen.list:
        for group, members in groups.items():
            print(f"{group}: {' '.join(members)}")
        return 0
    names = [
        name for word in chosen.only or groups
        for name in (groups[word] if word in groups else [word])]
    unknown = [name for name in names if name not in parts]
    if unknown:
        sys.exit(f"there is no part '{unknown[0]}': see --list")
    if not os.path.exists(chosen.expt):
        sys.exit(f"there is no program at {chosen.expt}: swift build, or name it with --expt")

    campaign = Campaign(chosen)
    end = time.monotonic() + 60 * chosen.minutes
    try:
        for place, name in enumerate(names):
            # What one part leaves of its time is for those after it.
            left = max(1.0, end - time.monotonic()) / (len(names) - place)
            campaign.run_part(name, parts[name], None if chosen.count else left, chosen.count)
    except KeyboardInterrupt:
        print("stopped: what was done until now", file=sys.stderr)
    return campaign.report()


if __name__ == "__main__":
    sys.exit(main())
