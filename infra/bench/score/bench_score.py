#!/usr/bin/env python3
"""Times `cityseg score` against the official evalPixelLevelSemanticLabeling, one after the other, on the same images.

usage: python bench_score.py [--images 30] [--rounds 3] [--parallelism N]

The official script is one process, and is run as it is. Both sides start from nothing (interpreter or JVM included) and
write the result file; their values are compared.
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


def timed(command, **env):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **env})
    return time.perf_counter() - start


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
    parser.add_argument("--images", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parallelism", type=int, default=os.cpu_count())
    parser.add_argument("--size", default="1024x2048")
    args = parser.parse_args()
    compiled = subprocess.run(
        [sys.executable, "-c", "import cityscapesscripts.evaluation.addToConfusionMatrix"],
        stderr=subprocess.DEVNULL).returncode == 0
    with tempfile.TemporaryDirectory() as work:
        data, results = os.path.join(work, "data"), os.path.join(work, "results")
        subprocess.run([CITYSEG, "scenes", data, "--train", "1", "--val", str(args.images), "--size", args.size],
                       check=True, stdout=subprocess.DEVNULL)
        predict(data, results)
        ours = os.path.join(work, "ours.json")
        official = os.path.join(data, "evaluationResults", "resultPixelLevelSemanticLabeling.json")
        names = ["official", "cityseg score, 1 at once", "cityseg score, %d at once" % args.parallelism]
        times = {name: [] for name in names}
        score = [CITYSEG, "score", "--ground-truth", data, "--predictions", results, "--json", ours, "--parallelism"]
        for _ in range(args.rounds):
            times[names[0]].append(timed([sys.executable, "-m", OFFICIAL], CITYSCAPES_DATASET=data,
                                         CITYSCAPES_RESULTS=results))
            times[names[1]].append(timed(score + ["1"]))
            times[names[2]].append(timed(score + [str(args.parallelism)]))
        with open(official) as a, open(ours) as b:
            difference = largest_difference(json.load(a), json.load(b))
        print("%d images of %s, median of %d rounds (with start-up); official confusion matrix: %s" % (
            args.images, args.size, args.rounds, "compiled" if compiled else "NumPy"))
        for name, seconds in times.items():
            print("%-26s %7.2f s  %6.2f images/s  ratio %5.2f   (%s)" % (
                name, statistics.median(seconds), args.images / statistics.median(seconds),
                statistics.median(times[names[0]]) / statistics.median(seconds), ", ".join("%.2f" % s for s in seconds)))
        print("largest relative difference of a value: %.1e" % difference)
    return 0 if difference < 1e-12 else 1


if __name__ == "__main__":
    sys.exit(main())
