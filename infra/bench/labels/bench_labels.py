#!/usr/bin/env python3
"""Times `cityseg labels` against json2labelImg of cityscapesScripts, one after the other, on the same annotations.

usage: python bench_labels.py [--scenes 50] [--copies 10] [--processes N] [--rounds 3]

Both sides work on as many files at once, start from nothing (interpreter or JVM included) and write PNG files.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from glob import glob
from multiprocessing import Pool

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
CITYSEG = os.path.join(ROOT, "cityseg")


def draw(job):
    from cityscapesscripts.preparation.json2labelImg import json2labelImg
    source, target, encoding = job
    json2labelImg(source, target, encoding)


def peer(tree, out, encoding, processes):
    """What a user would do with the original: one call a file, in a pool of processes."""
    jobs = []
    for source in sorted(glob(os.path.join(tree, "*", "*", "*_polygons.json"))):
        target = os.path.join(out, os.path.relpath(source, tree)).replace("polygons.json", "labelTrainIds.png")
        os.makedirs(os.path.dirname(target), exist_ok=True)
        jobs.append((source, target, encoding))
    with Pool(processes) as pool:
        pool.map(draw, jobs, chunksize=1)


def timed(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return time.perf_counter() - start


def different(a, b):
    import numpy as np
    from PIL import Image
    files = glob(os.path.join(a, "*", "*", "*.png"))
    assert files
    return sum(not np.array_equal(np.array(Image.open(f)), np.array(Image.open(os.path.join(b, os.path.relpath(f, a)))))
               for f in files)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=50)
    parser.add_argument("--copies", type=int, default=10, help="of every annotation, under other names (val has 500 files)")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", default="1024x2048")
    parser.add_argument("--peer", nargs=2, metavar=("TREE", "OUT"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peer:
        peer(*args.peer, "trainIds", args.processes)
        return 0
    with tempfile.TemporaryDirectory() as work:
        data = os.path.join(work, "data")
        subprocess.run([CITYSEG, "scenes", data, "--train", str(args.scenes - 1), "--val", "1", "--size", args.size],
                       check=True, stdout=subprocess.DEVNULL)
        tree, theirs, ours = os.path.join(data, "gtFine"), os.path.join(work, "theirs"), os.path.join(work, "ours")
        for source in glob(os.path.join(tree, "*", "*", "*_polygons.json")):
            for copy in range(1, args.copies):
                shutil.copy(source, source.replace("_000019_", "_%06d_" % (19 + copy)))
        count = args.scenes * args.copies
        times = {"json2labelImg": [], "cityseg labels": []}
        for _ in range(args.rounds):
            for folder in (theirs, ours):
                shutil.rmtree(folder, ignore_errors=True)
            times["json2labelImg"].append(timed(
                [sys.executable, os.path.abspath(__file__), "--processes", str(args.processes), "--peer", tree, theirs]))
            times["cityseg labels"].append(timed(
                [CITYSEG, "labels", tree, ours, "--parallelism", str(args.processes)]))
        print("%d annotations of %s, %d at once, median of %d rounds (with start-up)" % (
            count, args.size, args.processes, args.rounds))
        for name, seconds in times.items():
            print("%-15s %7.2f s  %6.1f images/s   (%s)" % (name, statistics.median(seconds), count /
                  statistics.median(seconds), ", ".join("%.2f" % s for s in seconds)))
        medians = [statistics.median(seconds) for seconds in times.values()]
        print("ratio           %7.2f   images that differ: %d" % (medians[0] / medians[1], different(ours, theirs)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
