"""Files of a run that were flipped, cut, removed or replaced by links, and every command on them."""

import os
import shutil

import seeds
from kills import differences

QUICK = ["--quiet", "--threads", "1"]


def run_files(campaign, part, folder):
    path = seeds.write(f"{folder}/small.yaml", seeds.SMALL)
    paused, whole = f"{folder}/paused", f"{folder}/whole"
    campaign.execute(["run", path] + QUICK + ["--run-dir", whole])
    campaign.execute(["run", path] + QUICK + ["--run-dir", paused, "--pause-after", "2"])
    files = sorted(
        os.path.relpath(f"{base}/{name}", paused)
        for base, _, names in os.walk(paused) for name in names)

    def break_one(random, place, decoy):
        """Damages one file; says how."""
        name = random.choice(files)
        target = f"{place}/{name}"
        how = random.choice(["flip", "flip", "flip", "cut", "empty", "remove", "link", "folder", "grow"])
        with open(target, "rb") as file:
            data = bytearray(file.read())
        os.remove(target)
        if how == "flip" and data:
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        if how == "cut":
            data = data[:random.randint(0, len(data))]
        if how == "empty":
            data = b""
        if how == "grow":
            data += bytes(random.randrange(256) for _ in range(random.randint(1, 99)))
        if how == "link":
            seeds.write(decoy, bytes(data))
            os.symlink(decoy, target)
        elif how == "folder":
            os.mkdir(target)
        elif how != "remove":
            seeds.write(target, bytes(data))
        return f"{how} {name}"

    def fault(number):
        random = campaign.random(part, number)
        place, decoy = f"{folder}/{number}", f"{folder}/decoy-{number}"
        # Copies, not links: a checkpoint's two names are then two files.
        shutil.copytree(paused, place)
        what = break_one(random, place, decoy)
        before = open(decoy, "rb").read() if os.path.exists(decoy) else None
        campaign.count(part, "damaged files")
        for words in random.sample([
                ["evaluate", place, "--threads", "1"], ["runs", place, "--json"], ["compare", place],
                ["report", place, "-o", f"{folder}/{number}.html"],
                ["sample", place, "-o", f"{folder}/{number}.pgm"],
                ["export", place, "--format", "mlflow", "-o", f"{folder}/{number}.mlflow"]], 2):
            campaign.judge(part, number, campaign.execute(words), words, [place])
        words = ["run", "--resume", place] + QUICK
        outcome = campaign.execute(words)
        campaign.judge(part, number, outcome, words, [place])
        found = differences(place, whole) if outcome.code == 0 else []
        # A picture is for people: one that was damaged stays as it is.
        found = [name for name in found if name not in what]
        if found:
            text = f"{what}: other bytes in {', '.join(found)}"
            campaign.fail(part, number, "differing bytes", words, text, [place])
        if before is not None and open(decoy, "rb").read() != before:
            campaign.fail(
                part, number, "differing bytes", words, f"{what}: written through the link", [place])
        for rest in (place, decoy, *(f"{folder}/{number}.{end}" for end in ("mlflow", "pgm", "html"))):
            if os.path.isdir(rest):
                shutil.rmtree(rest)
            elif os.path.exists(rest):
                os.remove(rest)
    return fault


PARTS = {"run_files": run_files}
