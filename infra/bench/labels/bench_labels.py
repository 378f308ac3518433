#!/usr/bin/env python3
"""Times `cityseg labels` against json2labelImg of cityscapesScripts, one after the other, on the same annotations.

usage: python bench_labels.py [--scenes 50] [--copies 10] [--processes N] [--rounds 3]

Both sides work on as many files at once (json2labelImg in a pool of as many processes, forked when everything is
imported), start from nothing (interpreter or JVM included) and write PNG files. The resident set is the largest of one
process, as the kernel counts it (ru_maxrss): the pool has as many of its own.
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
    source, target, encoding = job
    sys.modules["cityscapesscripts.preparation.json2labelImg"].json2labelImg(source, target, encoding)


def peer(tree, out, encoding, processes):
    """What a user would do with the original: one call a file, in a pool of processes."""
    import cityscapesscripts.preparation.json2labelImg  # noqa: F401  once, before the processes are forked
    jobs = []
    for source in sorted(glob(os.path.join(tree, "*", "*", "*_polygons.json"))):
        target = os.path.join(out, os.path.relpath(source, tree)).replace("polygons.json", "labelTrainIds.png")
        os.makedirs(os.path.dirname(target), exist_ok=True)
        jobs.append((source, target, encoding))
    with Pool(processes) as pool:
        pool.map(draw, jobs, chunksize=1)


def timed(command):
    """Seconds, and the largest resident set in MiB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit("%s ended with exit code %d; run it alone to see why" % (" ".join(command), process.returncode))
    return time.perf_counter() - start, usage.ru_maxrss / 1024


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
        times, memory = {"json2labelImg": [], "cityseg labels": []}, {}
        commands = {
            "json2labelImg": [sys.executable, os.path.abspath(__file__), "--processes", str(args.processes), "--peer", tree, theirs],
            "cityseg labels": [CITYSEG, "labels", tree, ours, "--parallelism", str(args.processes)]}
        for _ in range(args.rounds):
            for folder in (theirs, ours):
                shutil.rmtree(folder, ignore_errors=True)
            for name, command in commands.items():
                seconds, memory[name] = timed(command)
                times[name].append(seconds)
        print("%d annotations of %s, %d at once, median of %d rounds (with start-up)" % (
            count, args.size, args.processes, args.rounds))
        for name, seconds in times.items():
            print("%-15s %7.2f s  %6.1f images/s  %5.0f MiB   (%s)" % (
                name, statistics.median(seconds), count / statistics.median(seconds), memory[name],
                ", ".join("%.2f" % s for s in seconds)))
        medians = [statistics.median(seconds) for seconds in times.values()]
        print("ratio           %7.2f   images that differ: %d" % (medians[0] / medians[1], different(ours, theirs)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
