"""Broken inputs of every kind, read by the real program."""

import gzip
import os
import shutil
import struct
import zipfile

import mutate
import seeds

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
QUICK = ["--quiet", "--threads", "1"]
TINY = """model: {{ type: ae, latent: 2, encoder: {{ type: mlp, hidden: [3] }} }}
dataset: {dataset}
training: {{ epochs: 1, batch_size: 4 }}
outputs: {{ image_count: 1, images_every: 0, summary: false }}
"""


def experiment(campaign, part, folder):
    """Experiment files through `check`, a few with settings from the command line."""
    texts = seeds.experiments(ROOT)

    def fault(number):
        random = campaign.random(part, number)
        path = seeds.write(f"{folder}/{number}.yaml", mutate.text(random, random.choice(texts)))
        words = ["check", path]
        if random.random() < 0.2:
            value = mutate.text(random, random.choice(
                [b"model.latent=3", b"model.encoder.hidden[0]=[1, {a: b}]", b"dataset.limit=10"]))
            words += ["--set", value.replace(b"\0", b"").decode(errors="replace")]
        outcome = campaign.execute(words)
        campaign.count(part, "fuzzed inputs")
        campaign.judge(part, number, outcome, words, [path])
        os.remove(path)
    return fault


def words(campaign, part, folder):
    """What is written on the command line: queries, words to describe, names of runs."""
    runs = made_runs(campaign, folder, 1)
    forms = [
        ["runs", runs, "--where"], ["compare", runs, "--where"], ["runs", runs, "--sort"],
        ["describe"], ["check", "experiments/quick.yaml", "--set"], ["evaluate"],
        ["sample", f"{runs}/0", "--count"], ["traverse", f"{runs}/0", "--dimensions"],
        ["encode", f"{runs}/0", "--limit"], ["run", "--resume"], ["compare", runs, "--metric"]]
    texts = [
        b"model.latent > 3 and not (status == finished or best.validation_loss <= -1.5e3)",
        b"name == \"a b\" && seed in [1, 2]", b"beta ~ 'x*'", b"vae", b"model.latent=3", b"latest",
        b"16", b"0,1,2", b"-1", b"validation_loss"]

    def fault(number):
        random = campaign.random(part, number)
        text = mutate.text(random, random.choice(texts)).replace(b"\0", b"")[:100_000]
        words = random.choice(forms) + [text.decode(errors="replace")]
        if words[0] in ("sample", "traverse", "encode"):
            words += ["-o", f"{folder}/out-{number}"]
        outcome = campaign.execute(words, cwd=ROOT)
        campaign.count(part, "fuzzed inputs")
        campaign.judge(part, number, outcome, words)
    return fault


def settings(campaign, part, folder):
    """Every number of an experiment at its extremes, checked and, where it passes, trained."""
    path = seeds.write(f"{folder}/small.yaml", seeds.SMALL)
    keys = [
        "seed", "dataset.train", "dataset.test", "dataset.size", "dataset.validation",
        "dataset.limit", "dataset.seed", "model.latent", "model.beta", "model.beta.epochs",
        "model.encoder.hidden[0]", "model.samples", "model.free_bits", "training.epochs",
        "training.batch_size", "training.accumulate", "training.early_stopping",
        "optimizer.learning_rate", "optimizer.warmup_epochs", "optimizer.clip_norm",
        "optimizer.weight_decay", "outputs.checkpoint_every", "outputs.keep_checkpoints",
        "outputs.images_every", "outputs.image_count"]
    values = [
        "0", "1", "2", "7", "1000", "65536", "1e6", "1000000", "10000000", "2147483648", "1e12",
        "9223372036854775807", "18446744073709551615", "-1", "0.5", "1e-300", "1e300", ".inf",
        ".nan", "[20000]", str([4] * 300), "null", "true"]
    sets = ["", "--set=model.encoder={type: conv, channels: [4], kernel: 3}",
            "--set=dataset={type: sprites, train: 40, size: 16}", "--set=optimizer={type: sgd}"]

    def fault(number):
        random = campaign.random(part, number)
        words = [path] + [word for word in [random.choice(sets)] if word]
        for _ in range(random.randint(1, 2)):
            words += ["--set", f"{random.choice(keys)}={random.choice(values)}"]
        outcome = campaign.execute(["check"] + words)
        campaign.count(part, "fuzzed inputs")
        campaign.judge(part, number, outcome, ["check"] + words)
        if outcome.code != 0 or random.random() < 0.5:
            return
        # What can be trained may take as long as it likes: it must only end when asked to.
        run = ["run"] + words + QUICK + ["--runs", f"{folder}/{number}", "--pause-after", "1"]
        outcome = campaign.execute(["run"] + run[1:], timeout=20, limits=memory_limit)
        if not outcome.hung:
            campaign.judge(part, number, outcome, run)
        shutil.rmtree(f"{folder}/{number}", ignore_errors=True)
    return fault


def memory_limit():
    """For a child: 3 GiB, so that what asks for more gets no for an answer."""
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))


def sweep(campaign, part, folder):
    """Sweep files through a dry run."""
    texts = [text.encode() for text in (seeds.SWEEP, seeds.RANDOM, seeds.TPE)]
    seeds.write(f"{folder}/small.yaml", seeds.SMALL)

    def fault(number):
        random = campaign.random(part, number)
        path = seeds.write(f"{folder}/s{number}.yaml", mutate.text(random, random.choice(texts)))
        words = ["sweep", path, "--dry-run", "--json"]
        outcome = campaign.execute(words)
        campaign.count(part, "fuzzed inputs")
        campaign.judge(part, number, outcome, words, [path])
        os.remove(path)
    return fault


def ledger(campaign, part, folder):
    """A finished sweep whose ledger, points or runs are broken, started again."""
    seeds.write(f"{folder}/small.yaml", seeds.SMALL)
    path = seeds.write(f"{folder}/sweep.yaml", seeds.RANDOM)
    whole = f"{folder}/whole"
    campaign.execute(["sweep", path, "--quiet", "--threads", "1", "--sweep-dir", whole], timeout=120)
    files = [
        f"{base}/{name}"[len(whole) + 1:] for base, _, names in os.walk(whole) for name in names
        if name.endswith((".jsonl", ".json", ".yaml", ".csv"))]

    def fault(number):
        random = campaign.random(part, number)
        copy = f"{folder}/copy-{number}"
        shutil.copytree(whole, copy)
        broken = random.choice([name for name in files if "ledger" in name] * 20 + files)
        with open(f"{copy}/{broken}", "rb") as file:
            data = mutate.text(random, file.read())
        seeds.write(f"{copy}/{broken}", data)
        words = ["sweep", path, "--quiet", "--threads", "1", "--sweep-dir", copy]
        outcome = campaign.execute(words)
        campaign.count(part, "fuzzed inputs")
        campaign.judge(part, number, outcome, words, [f"{copy}/{broken}"])
        shutil.rmtree(copy, ignore_errors=True)
    return fault


def data(make, dataset):
    """A part that breaks one file of data and trains on it for a few steps.

    - make(random): the file's bytes and its name.
    - dataset: the experiment's dataset, with {path} for the file and {folder} for its folder.
    """
    def begin(campaign, part, folder):
        def fault(number):
            random = campaign.random(part, number)
            place = f"{folder}/{number}"
            name, bytes_ = make(random)
            path = seeds.write(f"{place}/{name}", bytes_)
            text = TINY.format(dataset=dataset.format(path=path, folder=os.path.dirname(path)))
            file = seeds.write(f"{place}/e.yaml", text)
            words = ["run", file] + QUICK + ["--run-dir", f"{place}/run"]
            outcome = campaign.execute(words)
            campaign.count(part, "fuzzed inputs")
            campaign.judge(part, number, outcome, words, [path, file])
            shutil.rmtree(place, ignore_errors=True)
        return fault
    return begin


def npy_bytes(random):
    forms = [
        ((12, 8, 8), "|u1", None), ((12, 64), "<f4", struct.pack("<768f", *[0.5] * 768)),
        ((12, 8, 8, 1), ">f8", struct.pack(">768d", *[0.5] * 768)),
        ((12, 1, 8, 8), "<f2", struct.pack("<768e", *[0.5] * 768)),
        ((12, 8, 8), "<i4", struct.pack("<768i", *range(768))), ((12, 64), "|b1", bytes(768))]
    return mutate.any_bytes(random, seeds.npy(*random.choice(forms)))


def npz_bytes(random):
    if random.random() < 0.5:
        return seeds.npz(npy_bytes(random), random.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    source = seeds.npz()
    if random.random() < 0.5:  # the directory at the end
        return source[:-160] + mutate.binary(random, source[-160:], 160)
    return mutate.binary(random, source)


def idx_bytes(random):
    return mutate.binary(random, seeds.idx(random.choice([(12, 8, 8), (12, 3, 8, 8)])), 20)


def picture_bytes(random):
    kind = random.choice(["png", "pgm", "ppm", "jpg"])
    if kind == "png":
        source = seeds.png(*random.choice([(0, 8), (2, 8), (3, 4), (4, 8), (6, 16), (0, 1)]))
        if random.random() < 0.5:  # another set of rows, checksums right
            source = seeds.png(0, 8, mutate.binary(random, bytes(72)))
    elif kind == "jpg":
        source = random.choice(seeds.JPEGS)
    else:
        source = seeds.pnm(kind == "ppm")
    return f"b.{kind}", mutate.binary(random, source, 64)


def gzipped(make):
    def broken(random):
        data = make(random)
        return gzip.compress(data) if random.random() < 0.5 else mutate.binary(
            random, gzip.compress(data), 32)
    return broken


def tar_bytes(random):
    names = [f"cifar-10-batches-bin/data_batch_{n}.bin" for n in range(1, 6)]
    members = {name: seeds.cifar(2) for name in names + ["cifar-10-batches-bin/test_batch.bin"]}
    data = seeds.tar(members)
    data = mutate.binary(random, data, 512) if random.random() < 0.7 else data
    return gzip.compress(data) if random.random() < 0.5 else mutate.binary(random, gzip.compress(data))


def made_runs(campaign, folder, count):
    """A folder with this many small finished runs."""
    path = seeds.write(f"{folder}/small.yaml", seeds.SMALL)
    for number in range(count):
        words = ["run", path] + QUICK + ["--run-dir", f"{folder}/runs/{number}"]
        campaign.execute(words + ["--set", f"seed={number}"])
    return f"{folder}/runs"


def run_folder(campaign, part, folder):
    """Folders of runs with broken files, a hundred at a time, through every command that reads them."""
    whole = made_runs(campaign, folder, 1) + "/0"
    texts = ["run.json", "metrics.csv", "timing.csv", "resolved.yaml", "origins.json",
             "experiment.yaml", "log.txt", "evaluations.json", "evaluations.csv"]
    texts = [name for name in texts if os.path.exists(f"{whole}/{name}")]
    sources = {name: open(f"{whole}/{name}", "rb").read() for name in texts}
    commands = [
        ["runs", "{}", "--json"], ["runs", "{}"], ["runs", "{}", "--csv"], ["compare", "{}"],
        ["compare", "{}", "--json"], ["report", "{}", "-o", "{}/report.html"],
        ["diff", "{}/0", "{}/1"], ["report", "{}/0", "-o", "{}/r.html"],
        ["export", "{}/0", "--format", "mlflow", "-o", "{}/ml"],
        ["export", "{}/1", "--format", "mlflow", "-o", "{}/ml"],
        ["export", "{}/2", "--format", "tensorboard", "-o", "{}/tb"],
        ["runs", "{}", "--where", "seed > 1 and model.latent == 3"]]

    def make(number, place):
        for one in range(number, number + fault.batch):
            random = campaign.random(part, one)
            run = f"{place}/{one - number}"
            os.makedirs(run)
            broken = random.choice(texts)
            for name, source in sources.items():
                data = mutate.text(random, source) if name == broken else source
                seeds.write(f"{run}/{name}", data)

    def fault(number):
        place = f"{folder}/{number}"
        make(number, place)
        for command in commands:
            words = [word.replace("{}", place) for word in command]
            outcome = campaign.execute(words, timeout=120)
            if campaign.verdict(outcome) and "{}" in command[1:2]:
                find(number, command, place)
            elif campaign.verdict(outcome):
                campaign.judge(part, number, outcome, words, [f"{place}/0", f"{place}/1"])
        campaign.count(part, "fuzzed inputs", fault.batch)
        shutil.rmtree(place, ignore_errors=True)

    def find(number, command, place):
        """Which of the runs it was."""
        alone = 0
        for one in range(fault.batch):
            words = [word.replace("{}", f"{place}/{one}") for word in command]
            outcome = campaign.execute(words)
            if campaign.verdict(outcome):
                alone += 1
                campaign.judge(part, number + one, outcome, words, [f"{place}/{one}"])
        if not alone:
            words = [word.replace("{}", place) for word in command]
            campaign.fail(part, number, "traps", words, "only together", [place])

    fault.batch = 100
    return fault


def weights(campaign, part, folder):
    """Checkpoints with broken bytes, loaded by commands that need a model."""
    whole = made_runs(campaign, folder, 1) + "/0"

    def fault(number):
        random = campaign.random(part, number)
        place = f"{folder}/{number}"
        shutil.copytree(whole, place)
        path = f"{place}/checkpoints/" + random.choice(
            ["best.safetensors", "last.safetensors", "last.state.safetensors"])
        with open(path, "rb") as file:
            source = file.read()
        size = struct.unpack("<Q", source[:8])[0]
        if random.random() < 0.6:  # the header, its length right
            header = mutate.text(random, source[8:8 + size])
            data = struct.pack("<Q", len(header)) + header + source[8 + size:]
        else:
            data = mutate.binary(random, source, 16)
        os.remove(path)
        seeds.write(path, data)
        words = random.choice([
            ["evaluate", place, "--threads", "1"], ["encode", place, "-o", f"{place}/x.npy"],
            ["sample", place, "-o", f"{place}/x.pgm"], ["export", place, "--format", "npz"],
            ["run", "--resume", place, "--set", "training.epochs=4"] + QUICK])
        outcome = campaign.execute(words)
        campaign.count(part, "fuzzed inputs")
        campaign.judge(part, number, outcome, words, [path])
        shutil.rmtree(place, ignore_errors=True)
    return fault


PARTS = {
    "experiment": experiment, "words": words, "settings": settings, "sweep": sweep,
    "npy": data(lambda random: ("a.npy", npy_bytes(random)), "{{ type: npy, images: {path} }}"),
    "npz": data(lambda random: ("a.npz", npz_bytes(random)), "{{ type: npz, path: {path} }}"),
    "idx": data(lambda random: ("a.idx", idx_bytes(random)), "{{ type: idx, images: {path} }}"),
    "idx.gz": data(
        lambda random: ("a.idx.gz", gzipped(idx_bytes)(random)), "{{ type: idx, images: {path} }}"),
    "pictures": data(picture_bytes, "{{ type: images, path: {folder} }}"),
    "cifar": data(
        lambda random: ("cifar-10-binary.tar.gz", tar_bytes(random)),
        "{{ type: cifar10, root: {folder} }}"),
    "run_folder": run_folder, "weights": weights, "ledger": ledger,
}
