"""Draws the tables under experiments/data: synthetic, made to look like the usual ones.

    python3 scripts/tables.py experiments/data

Only the standard library is used, and Python's own generator from a fixed seed.
"""

import math
import random
import sys


def penguins(path):
    """344 birds like Palmer's penguins: three species on three islands, four measures, missing cells as NA."""
    draw = random.Random(1)
    species = {
        "Adelie": (("Torgersen", "Biscoe", "Dream"), 152, (38.8, 2.7), (18.3, 1.2), (190, 6.5), (3700, 450)),
        "Chinstrap": (("Dream",), 68, (48.8, 3.3), (18.4, 1.1), (196, 7.1), (3730, 380)),
        "Gentoo": (("Biscoe",), 124, (47.5, 3.1), (15.0, 1.0), (217, 6.5), (5080, 500)),
    }
    rows = []
    for name, (islands, count, *measures) in species.items():
        for _ in range(count):
            is_male = draw.random() < 0.5
            size = draw.gauss(0.55 if is_male else -0.55, 0.8)
            length, depth, flipper, mass = (
                mean + deviation * (0.75 * size + 0.65 * draw.gauss(0, 1)) for mean, deviation in measures)
            eggs = min(4, int(draw.expovariate(1 / 1.2)))
            rows.append([
                name, draw.choice(islands), f"{length:.1f}", f"{depth:.1f}", f"{flipper:.0f}",
                f"{25 * round(mass / 25)}", "male" if is_male else "female", f"{eggs}", "PAL"])
    draw.shuffle(rows)
    for row in rows:
        if draw.random() < 0.01:
            row[2:6] = ["NA"] * 4
        elif draw.random() < 0.03:
            row[draw.randrange(2, 6)] = "NA"
        if draw.random() < 0.03:
            row[6] = "NA"
    header = "id,species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,eggs,study"
    write(path, header, [[f"N{number + 1:03}"] + row for number, row in enumerate(rows)])


def machines(path):
    """1200 readings of a machine, 4 in 100 of them faulty: four sensors that depend on its speed, its mode and
    the errors it counted."""
    draw = random.Random(2)
    rows = []
    for number in range(1200):
        speed, mode = draw.gauss(0, 1), draw.choice(("idle", "cut", "cut", "drill"))
        load = {"idle": -1.0, "cut": 0.4, "drill": 1.0}[mode]
        current = 4.2 + 0.8 * load + 0.3 * speed + draw.gauss(0, 0.1)
        temperature = 61 + 6 * load + 2 * speed + draw.gauss(0, 0.8)
        vibration = math.exp(-1.2 + 0.3 * load + 0.2 * speed + draw.gauss(0, 0.1))
        errors = sum(draw.random() < 0.02 for _ in range(10))
        is_faulty = draw.random() < 0.04
        if is_faulty:
            fault = draw.randrange(3)
            if fault == 0:
                temperature += draw.choice((-1, 1)) * draw.uniform(6, 10)
            elif fault == 1:
                vibration *= draw.uniform(2, 3)
            else:
                current, errors = 4.2 - 0.8 * load, errors + 6
        rows.append([
            f"{number}", mode, f"{1450 + 120 * speed:.0f}", f"{current:.2f}", f"{temperature:.1f}",
            f"{vibration:.3f}", f"{errors}", "1" if is_faulty else "0"])
    write(path, "reading;mode;rpm;current_a;temperature_c;vibration;errors;fault", rows, ";")


def write(path, header, rows, separator=","):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(header + "\n")
        for row in rows:
            file.write(separator.join(row) + "\n")


if __name__ == "__main__":
    folder = sys.argv[1] if len(sys.argv) > 1 else "experiments/data"
    penguins(f"{folder}/penguins.csv")
    machines(f"{folder}/machines.csv")
