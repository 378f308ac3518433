#!/usr/bin/env python3
"""Evaluates at full resolution over more and more images of 1024x2048, and prints the largest resident set of each process.

usage: python bench_memory.py WORK [--images 16 32 64 160] [--network NAME] [--prepare] [--set KEY=VALUE ...]

Draws the images and makes shards and fresh weights in the folder WORK, which is kept (--prepare: does that alone). Then `cityseg evaluate`
measures the fresh weights by the measure cityscapes, every number of images in a process and a store of its own. The resident set is the
kernel's (ru_maxrss) and holds the engine, the JVM and its heap of 1 GiB, all of which is touched from the start: otherwise the heap's filling
would look like growth.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from glob import glob

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
CITYSEG = os.path.join(ROOT, "cityseg")
WHOLE_HEAP = "-Xms1g -XX:+AlwaysPreTouch"
SHARDS = ["shards.height=512", "shards.width=1024", "evaluate.pictures=0"]


def settings(values):
    return [word for value in values for word in ("--set", value)]


def run(command):
    """Standard output, seconds, and the largest resident set in MiB."""
    start = time.perf_counter()
    environment = {**os.environ, "CITYSEG_JAVA_OPTS": WHOLE_HEAP}
    process = subprocess.Popen([CITYSEG, *command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit("cityseg %s ended with exit code %d; run it alone to see why" % (" ".join(command), process.returncode))
    return out, time.perf_counter() - start, usage.ru_maxrss / 1024


def data(work, count, most):
    """The first images of the largest set, as hard links."""
    drawn = os.path.join(work, "drawn")
    if not os.path.isdir(drawn):
        run(["scenes", drawn, "--train", "1", "--val", str(most), "--size", "1024x2048"])
    folder = os.path.join(work, "data%d" % count)
    if not os.path.isdir(folder):
        ids = sorted(os.path.basename(f)[:-len("_leftImg8bit.png")] for f in glob(os.path.join(drawn, "leftImg8bit", "val", "*", "*.png")))[:count]
        for file in glob(os.path.join(drawn, "*", "*", "*", "*")):
            if "/train/" in file or any(os.path.basename(file).startswith(i) for i in ids):
                target = os.path.join(folder, os.path.relpath(file, drawn))
                os.makedirs(os.path.dirname(target), exist_ok=True)
                os.link(file, target)
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work")
    parser.add_argument("--images", type=int, nargs="+", default=[16, 32, 64, 160])
    parser.add_argument("--network", default="deeplabv3_mobilenet_v3_large")
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="KEY=VALUE")
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    base = settings([*SHARDS, "init.network=" + options.network])
    for count in options.images:
        folder = data(options.work, count, max(options.images))
        store = os.path.join(options.work, "%s-%d" % (options.network, count))
        common = ["--data", folder, "--store", store, *base]
        out, _, _ = run(["run", "--json", "--to", "init", *common])
        if options.prepare:
            continue
        stages = json.loads(out)["stages"]
        weights = next(stage["output"]["sha256"] for stage in stages if stage["stage"] == "init")
        # A copy of the store without results, so that the command can be run again.
        fresh = store + "-measured"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(store, fresh, copy_function=os.link)
        common[3] = fresh
        out, seconds, resident = run(["evaluate", weights, "--json", *common, *settings(["evaluate.measure=cityscapes", *options.settings])])
        shutil.rmtree(fresh)
        metrics = json.loads(out)["metrics"]
        print("%s, %s: %3d images, %5.0f MiB resident, %6.1f s, mIoU %.6f" % (
            options.network, " ".join(options.settings) or "defaults", count, resident, seconds, metrics[-1]["mean_iou"]), flush=True)


if __name__ == "__main__":
    main()
