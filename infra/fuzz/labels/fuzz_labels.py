#!/usr/bin/env python3
"""Draws random annotation files with `cityseg labels` and with cityscapesScripts, and compares every pixel.

usage: python fuzz_labels.py [--files 20000] [--seed 1] [--encodings trainIds,ids,...] [--keep FOLDER]

Needs cityscapesScripts and Pillow 11.2.1 to 13. Exit code 1 when a pixel differs; the annotation files that differ stay
in the folder given by --keep.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter

import numpy as np
import PIL
from PIL import Image
from cityscapesscripts.helpers.annotation import Annotation
from cityscapesscripts.helpers.labels import labels
from cityscapesscripts.preparation.json2instanceImg import createInstanceImage
from cityscapesscripts.preparation.json2labelImg import createLabelImage

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
ENDINGS = {"trainIds": "labelTrainIds", "ids": "labelIds", "color": "color", "instanceIds": "instanceIds",
           "instanceTrainIds": "instanceTrainIds"}
NAMES = [label.name for label in labels] + [label.name + "group" for label in labels if label.hasInstances]


def anywhere(rng, w, h, n, margin):
    return [[rng.randint(-margin, w + margin), rng.randint(-margin, h + margin)] for _ in range(n)]


def polygon(rng, kind, w, h):
    """A polygon of at least two points. Most of them cross themselves."""
    if kind == "crossing":
        return anywhere(rng, w, h, rng.randint(3, 12), 0)
    if kind == "outside":
        return anywhere(rng, w, h, rng.randint(2, 10), 3 * max(w, h))
    if kind == "far":
        return anywhere(rng, w, h, rng.randint(2, 6), 10 ** rng.randint(3, 7))
    if kind == "tiny":
        x, y = rng.randint(0, w), rng.randint(0, h)
        return [[x + rng.randint(-3, 3), y + rng.randint(-3, 3)] for _ in range(rng.randint(2, 9))]
    if kind == "degenerate":  # on a line, or points that come again
        x, y, dx, dy = rng.randint(0, w), rng.randint(0, h), rng.randint(-5, 5), rng.randint(-5, 5)
        points = [[x + k * dx, y + k * dy] for k in (rng.randint(-4, 4) for _ in range(rng.randint(2, 8)))]
        return [p for p in points for _ in range(rng.randint(1, 3))]
    if kind == "axis":
        points, (x, y) = [], (rng.randint(-5, w), rng.randint(-5, h))
        for k in range(rng.randint(4, 14)):
            x, y = (rng.randint(-5, w + 5), y) if k % 2 else (x, rng.randint(-5, h + 5))
            points.append([x, y])
        return points
    if kind == "sliver":
        points = anywhere(rng, w, h, 2, 10)
        return points + [[x + rng.randint(-1, 1), y + rng.randint(-1, 1)] for x, y in reversed(points)]
    if kind == "outline":  # many vertices, a pixel or few apart, as annotators draw
        x, y, points = rng.randint(0, w), rng.randint(0, h), []
        for _ in range(rng.randint(20, 300)):
            x, y = x + rng.randint(-4, 4), y + rng.randint(-4, 4)
            points.append([x, y])
        return points
    if kind == "fraction":
        return [[x + rng.random() * rng.choice((1, -1)), y + rng.choice((0.5, 0.25, rng.random()))]
                for x, y in anywhere(rng, w, h, rng.randint(2, 8), 5)]
    assert kind == "lattice"  # few places, so that vertices meet
    return [[rng.randrange(0, w + 1, max(1, w // 4)), rng.randrange(0, h + 1, max(1, h // 4))]
            for _ in range(rng.randint(3, 15))]


KINDS = ("crossing", "outside", "far", "tiny", "degenerate", "axis", "sliver", "outline", "fraction", "lattice")


def annotation(rng, counts):
    w, h = rng.choice(((rng.randint(1, 12), rng.randint(1, 12)), (rng.randint(1, 90), rng.randint(1, 90)),
                       (rng.randint(100, 400), rng.randint(50, 200))))
    objects = []
    for _ in range(1 if rng.random() < 0.6 else rng.randint(2, 8)):
        kind = rng.choice(KINDS)
        counts[kind] += 1
        objects.append({"label": rng.choice(NAMES), "polygon": polygon(rng, kind, w, h),
                        "deleted": int(rng.random() < 0.02)})
    if len(objects) == 1:  # it has to be seen
        objects[0].update(label=rng.choice(("car", "road", "person", "bicyclegroup")), deleted=0)
    return {"imgWidth": w, "imgHeight": h, "objects": objects}


def theirs(source, encoding):
    content = Annotation()
    content.fromJsonFile(source)
    if encoding.startswith("instance"):
        # saved by Pillow as 16 bits; compared before that, since Pillow 13 cannot save it any more
        return np.array(createInstanceImage(content, "ids" if encoding == "instanceIds" else "trainIds"))
    return np.array(createLabelImage(content, encoding))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--encodings", default=",".join(ENDINGS))
    parser.add_argument("--keep", help="folder for the annotation files that differ")
    args = parser.parse_args()
    encodings = args.encodings.split(",")
    rng, counts = random.Random(args.seed), Counter()
    wrong = pixels = 0
    with tempfile.TemporaryDirectory() as work:
        tree, out = os.path.join(work, "in"), os.path.join(work, "out")
        sources = []
        for n in range(args.files):
            folder = os.path.join(tree, "%03d" % (n // 1000))
            os.makedirs(folder, exist_ok=True)
            sources.append(os.path.join(folder, "fuzz_%06d_000000_gtFine_polygons.json" % n))
            with open(sources[-1], "w") as f:
                json.dump(annotation(rng, counts), f)
        for encoding in encodings:
            subprocess.run([os.path.join(ROOT, "cityseg"), "labels", tree, out, "--encoding", encoding], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            bad = 0
            for source in sources:
                made = os.path.join(out, os.path.relpath(source, tree)).replace("polygons.json", ENDINGS[encoding] + ".png")
                expected, image = theirs(source, encoding), np.array(Image.open(made))
                assert image.shape == expected.shape, (source, image.shape, expected.shape)
                different = int((image != expected).sum())
                pixels += image.shape[0] * image.shape[1]
                if different:
                    bad += 1
                    wrong += different
                    if args.keep:
                        os.makedirs(args.keep, exist_ok=True)
                        shutil.copy(source, args.keep)
            print("%-16s %d files, %d differ" % (encoding, len(sources), bad), flush=True)
    print("Pillow %s, seed %d: %d polygons (%s)" % (PIL.__version__, args.seed, sum(counts.values()), ", ".join(
        "%s %d" % kind for kind in sorted(counts.items()))))
    print("%d of %d pixels differ" % (wrong, pixels))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
