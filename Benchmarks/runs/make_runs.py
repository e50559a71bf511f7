#!/usr/bin/env python3
"""Makes many run folders, as `expt` leaves them, to measure the commands that read them.

    python3 Benchmarks/runs/make_runs.py FOLDER --count 5000
    cd FOLDER && time expt runs --where 'model.beta > 1 and status == finished'

A folder of a real run (--like RUN) gives the layout of its files; settings, seeds and metrics vary
from run to run. The losses fall as those of a real VAE do, with noise. Every hundredth run has no
readable run.json, every fiftieth was interrupted.
"""
import argparse
import hashlib
import json
import math
import os
import random
import re


def losses(rng, beta, rate, epochs):
    """(train, validation) reconstruction and KL of each epoch, in nats."""
    kl_end = 25 / (1 + 0.35 * math.log1p(beta))
    floor = 72 + 6 * beta + 3 * abs(math.log10(rate / 1e-3)) + rng.gauss(0, 0.3)
    for epoch in range(1, epochs + 1):
        fall = math.exp(-epoch / 3)
        reconstruction = floor + 55 * fall + rng.gauss(0, 0.15)
        kl = kl_end * (1 - 0.4 * fall) + rng.gauss(0, 0.05)
        yield reconstruction, kl, reconstruction + 0.4 + 0.02 * epoch, kl - 0.05


def replaced(text, key, value, origin):
    """The line of `key` with another value and origin."""
    return re.sub(rf"(?m)^(\s*{key}:) \S+( *)#.*$", rf"\1 {value}\2# {origin}", text, count=1)


def recorded(text, like):
    """origins.json of a resolved.yaml with other values of the settings that vary."""
    found = dict(re.findall(r"(?m)^\s*(seed|value|learning_rate|epochs): (\S+)", text)[::-1])
    keys = {"seed": "seed", "value": "model.beta.value",
            "learning_rate": "optimizer.learning_rate", "epochs": "training.epochs"}
    origins, values = dict(like["origins"]), dict(like["values"])
    for name, key in keys.items():
        values[key] = json.loads(found[name])
        origins[key] = f"--set {key}={found[name]}"
    record = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "origins": origins,
              "values": values}
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--like", required=True, help="a run of a VAE, as expt left it")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with open(os.path.join(options.like, "resolved.yaml")) as file:
        resolved = file.read()
    with open(os.path.join(options.like, "run.json")) as file:
        manifest = json.load(file)
    with open(os.path.join(options.like, "origins.json")) as file:
        like = json.load(file)

    for index in range(options.count):
        beta = rng.choice([0.5, 1, 2, 4, 8])
        rate = rng.choice([3e-4, 1e-3, 3e-3])
        seed = index % 5 + 1
        epochs = rng.randint(5, 40)
        stopped = index % 50 == 7
        done = rng.randint(1, epochs - 1) if stopped else epochs
        name = f"20260{index % 9 + 1}{index % 28 + 1:02}-{index % 24:02}{index % 60:02}00-{index:08x}"
        path = os.path.join(options.folder, "runs", f"vae_{index % 10}", name)
        os.makedirs(os.path.join(path, "checkpoints"))
        os.makedirs(os.path.join(path, "images"))

        text = replaced(resolved, "seed", seed, f"--seed {seed}")
        text = replaced(text, "value", float(beta), f"--set model.beta={beta}")
        text = replaced(text, "learning_rate", rate, f"--set optimizer.learning_rate={rate}")
        text = replaced(text, "epochs", epochs, f"--set training.epochs={epochs}")
        columns = ["train_loss", "train_reconstruction", "train_kl",
                   "validation_loss", "validation_reconstruction", "validation_kl"]
        lines = ["epoch,step,learning_rate,beta," + ",".join(columns)]
        times = ["epoch,train_seconds,images_per_second"]
        best = last = None
        for epoch, (tr, tk, vr, vk) in enumerate(losses(rng, beta, rate, done), 1):
            values = [tr + beta * tk, tr, tk, vr + beta * vk, vr, vk]
            lines.append(f"{epoch},{epoch * 391},{rate},{beta}," + ",".join(map(repr, values)))
            times.append(f"{epoch},{rng.uniform(2, 5)!r},{rng.uniform(9000, 19000)!r}")
            last = {"epoch": epoch, "step": epoch * 391, "metrics": dict(zip(columns, values))}
            if best is None or values[3] < best["metrics"]["validation_loss"]:
                best = last
        created = f"2026-0{index % 9 + 1}-{index % 28 + 1:02}T{index % 24:02}:{index % 60:02}:00Z"
        manifest.update(
            status="interrupted" if stopped else "finished", name=f"vae_{index % 10}", seed=seed,
            created=created, started=created, finished=created, last=last, best=best,
            seconds_trained=3.4 * done)
        record = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        if index % 100 == 99:
            record = record[: len(record) // 2]
        for file, content in [
            ("run.json", record), ("resolved.yaml", text), ("experiment.yaml", text),
            ("origins.json", recorded(text, like)),
            ("metrics.csv", "\n".join(lines) + "\n"), ("timing.csv", "\n".join(times) + "\n"),
            ("log.txt", ""), (".lock", ""),
        ]:
            with open(os.path.join(path, file), "w") as out:
                out.write(content)


if __name__ == "__main__":
    main()
