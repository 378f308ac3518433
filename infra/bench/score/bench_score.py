#!/usr/bin/env python3
"""Times `cityseg score` against the official evalPixelLevelSemanticLabeling, one after the other, on the same images.

usage: python bench_score.py [--scenes 50] [--copies 10] [--rounds 3] [--parallelism N]

The official script is one process and is run as it is, with its compiled confusion matrix when that is there. Both sides
start from nothing (interpreter or JVM included) and write the result file; their values are compared. The largest resident
set of each process is that of the kernel (ru_maxrss).
"""
import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from glob import glob

import numpy as np
from PIL import Image

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
CITYSEG = os.path.join(ROOT, "cityseg")
OFFICIAL = "cityscapesscripts.evaluation.evalPixelLevelSemanticLabeling"


def predict(data, results):
    """Predictions: the ground truth moved by some pixels, with wrong rectangles."""
    rng = np.random.default_rng(1)
    os.makedirs(results)
    for truth in sorted(glob(os.path.join(data, "gtFine", "val", "*", "*_labelIds.png"))):
        image = np.roll(np.array(Image.open(truth)), tuple(rng.integers(-6, 7, 2)), (0, 1))
        for _ in range(60):
            y, x = rng.integers(0, image.shape[0]), rng.integers(0, image.shape[1])
            image[y:y + rng.integers(5, 120), x:x + rng.integers(5, 120)] = rng.choice((7, 8, 11, 17, 21, 23, 24, 26, 33))
        Image.fromarray(image).save(os.path.join(results, os.path.basename(truth).replace("_gtFine_labelIds", "")))


def copy(data, results, copies):
    """Every image under more names, as hard links: val has 500 images."""
    files = glob(os.path.join(data, "gtFine", "val", "*", "*.png")) + glob(os.path.join(results, "*.png"))
    for file in files:
        city, sequence, frame = os.path.basename(file).split("_")[:3]
        rest = os.path.basename(file)[len("_".join((city, sequence, frame))):]
        for number in range(1, copies):
            name = "%sx%d_%s_%s%s" % (city, number, sequence, frame, rest)
            os.link(file, os.path.join(os.path.dirname(file), name))


def timed(command, **env):
    """Seconds, and the largest resident set in MiB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **env})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit("%s ended with exit code %d; run it alone to see why" % (" ".join(command), process.returncode))
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def largest_difference(a, b):
    """Relative; perImageScores left out, which the official script does not write by default."""
    if isinstance(a, dict):
        return max(largest_difference(a[k], b[k]) for k in a if k != "perImageScores")
    if isinstance(a, list):
        return max(largest_difference(x, y) for x, y in zip(a, b, strict=True))
    if math.isnan(a) or math.isnan(b):
        return 0 if math.isnan(a) and math.isnan(b) else math.inf
    return abs(a - b) / max(abs(a), abs(b), 1e-300)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=50, help="images that are drawn")
    parser.add_argument("--copies", type=int, default=10, help="of every one, under other names (val has 500 images)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parallelism", type=int, default=os.cpu_count())
    parser.add_argument("--size", default="1024x2048")
    args = parser.parse_args()
    compiled = subprocess.run(
        [sys.executable, "-c", "import cityscapesscripts.evaluation.addToConfusionMatrix"],
        stderr=subprocess.DEVNULL).returncode == 0
    with tempfile.TemporaryDirectory() as work:
        data, results = os.path.join(work, "data"), os.path.join(work, "results")
        subprocess.run([CITYSEG, "scenes", data, "--train", "1", "--val", str(args.scenes), "--size", args.size],
                       check=True, stdout=subprocess.DEVNULL)
        predict(data, results)
        copy(data, results, args.copies)
        count = len(glob(os.path.join(results, "*.png")))
        ours = os.path.join(work, "ours.json")
        official = os.path.join(data, "evaluationResults", "resultPixelLevelSemanticLabeling.json")
        threads = sorted({1, args.parallelism})
        names = ["official (one process)"] + ["cityseg score, %d at once" % n for n in threads]
        times, memory = {name: [] for name in names}, {}
        for _ in range(args.rounds):
            seconds, memory[names[0]] = timed([sys.executable, "-m", OFFICIAL], CITYSCAPES_DATASET=data, CITYSCAPES_RESULTS=results)
            times[names[0]].append(seconds)
            for name, n in zip(names[1:], threads):
                seconds, memory[name] = timed([CITYSEG, "score", "--ground-truth", data, "--predictions", results,
                                               "--json", ours, "--parallelism", str(n)])
                times[name].append(seconds)
        with open(official) as a, open(ours) as b:
            difference = largest_difference(json.load(a), json.load(b))
        print("%d images of %s, median of %d rounds (with start-up); official confusion matrix: %s" % (
            count, args.size, args.rounds, "compiled" if compiled else "NumPy"))
        first = statistics.median(times[names[0]])
        for name, seconds in times.items():
            median = statistics.median(seconds)
            print("%-26s %7.2f s  %6.1f images/s  ratio %5.2f  %5.0f MiB   (%s)" % (
                name, median, count / median, first / median, memory[name], ", ".join("%.2f" % s for s in seconds)))
        print("largest relative difference of a value: %.1e" % difference)
    return 0 if difference < 1e-12 else 1


if __name__ == "__main__":
    sys.exit(main())
