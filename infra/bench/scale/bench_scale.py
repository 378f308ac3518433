#!/usr/bin/env python3
"""Times ingest + trainids + shards of N drawn items, from a plain pool of threads and by every runner.

usage: python3 bench_scale.py [N ...] [--size HxW] [--drawn D] [--parallelism P] [--rounds R] [--heap MB] [--worker-heap MB] [--live]
                              [--runners pool,direct,flink,cluster1,cluster2]

Prints a Markdown table: the stages' time (from the beginning of trainids to the end of shards), the same per item, its
ratio to the pool's, CPU seconds of the client, and resident memory of the client and of the largest worker. Then the
requests to the store per item, as the pool's counting storage saw them. Every runner must make the pool's artifacts.
With --live, memory is what is live in the heaps at most (each look collects all garbage, so the times are worth nothing then).
Needs a build (./cityseg --version) and its test classes (mvn test-compile); a quiet machine for times worth keeping.
"""
import argparse
import glob
import json
import os
import re
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
JAVA = ["java", "-XX:+UseSerialGC", "-Dai.djl.offline=true", "-Djava.awt.headless=true"]
JARS = f"{ROOT}/pipeline/target/*:{ROOT}/pipeline/target/lib/*"


def resident(pid):
    """Peak resident memory of a process so far, in MB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) / 1024


class LiveHeap(threading.Thread):
    """Has a Java process collect all garbage twice a second, and reads from its log of collections what was live after each.

    (A histogram of live objects will not do: it counts garbage, too, when a thread is in native code that holds collections up.)
    """

    def __init__(self, pid, log):
        super().__init__()
        self.pid, self.log, self.stop = str(pid), log, threading.Event()
        self.start()

    def run(self):
        logging = False
        while not self.stop.wait(0.5):
            command = ["GC.run"] if logging else ["VM.log", f"output={self.log}", "what=gc=info"]
            done = subprocess.run(["jcmd", self.pid, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            logging = logging or done.returncode == 0

    def ended(self):
        """The most that was live, in MB."""
        self.stop.set()
        self.join()
        with open(self.log, encoding="ascii") as said:
            return max(int(after) for after in re.findall(r"Pause Full .*?M->(\d+)M", said.read()))


def measured(command, log, live=False):
    """Standard output of a process, its CPU seconds, and its peak resident memory or live heap in MB."""
    with open(log, "ab") as err:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err)
        heap = LiveHeap(process.pid, f"{log}-gc") if live else None
        chunks = []
        reader = threading.Thread(target=lambda: chunks.append(process.stdout.read()))
        reader.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        reader.join()
        memory = heap.ended() if heap else usage.ru_maxrss / 1024
    if process.returncode:
        with open(log, encoding="utf-8", errors="replace") as said:
            tail = "".join(said.readlines()[-20:])  # the folder is about to be deleted
        sys.exit(f"{' '.join(command)} returned {process.returncode}:\n{tail}")
    return chunks[0].decode(), usage.ru_utime + usage.ru_stime, memory


def settings(size):
    height, width = size.split("x")
    # training size: half of the items', at least the smallest that the network takes
    return [f"shards.height={max(33, int(height) // 2)}", f"shards.width={max(33, int(width) // 2)}",
            "shards.items_per_shard=8"]


def java(args):
    return [*JAVA, f"-Xmx{args.heap}m"]


def pool(work, data, args):
    classes = f"{ROOT}/pipeline/target/test-classes:{JARS}"
    out, cpu, memory = measured([*java(args), "-cp", classes, "io.cityseg.bench.PlainPool", f"{work}/store", data,
                                 str(args.parallelism), *settings(args.size)], f"{work}/log", args.live)
    report = json.loads(out)
    return {"seconds": report["trainids"]["seconds"] + report["shards"]["seconds"], "cpu": cpu, "client": memory,
            "artifact": report["shards"]["artifact"], "requests": report}


def pipeline(work, data, args, more, workers=()):
    command = [*java(args), f"-Dcityseg.home={work}/home", "-cp", JARS, "io.cityseg.cli.CitySeg", "run", "--json", "--to", "shards",
               "--store", f"{work}/store", "--data", data, "--parallelism", str(args.parallelism), *more]
    for setting in settings(args.size):
        command += ["--set", setting]
    heaps = [LiveHeap(pid, f"{work}/gc-{pid}") for pid in workers if args.live]
    out, cpu, memory = measured(command, f"{work}/log", args.live)
    of_workers = [heap.ended() for heap in heaps] or [resident(pid) for pid in workers]
    stages = {stage["node"]: stage for stage in json.loads(out)["stages"]}
    first, last = stages["trainids"], stages["shards"]
    end = int(last["started_at_millis"]) + int(last["duration_millis"])
    return {"seconds": (end - int(first["started_at_millis"])) / 1000, "cpu": cpu, "client": memory,
            "worker": max(of_workers, default=None), "artifact": last["output"]["sha256"]}


def cluster(work, data, args, task_managers):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    script = [f"{ROOT}/infra/cluster"]
    where = ["--port", port, "--dir", f"{work}/cluster"]
    each = ["--slots", str(max(1, -(-args.parallelism // task_managers))), "--heap", str(args.worker_heap)]
    subprocess.run([*script, "up", str(task_managers), *each, *where], check=True, stdout=subprocess.DEVNULL)
    try:
        workers = [open(f"{work}/cluster/taskmanager-{i + 1}.pid", encoding="ascii").read().strip()
                   for i in range(task_managers)]
        return pipeline(work, data, args, ["--flink-master", f"127.0.0.1:{port}"], workers)
    finally:
        subprocess.run([*script, "down", *where], check=True, stdout=subprocess.DEVNULL)


RUNNERS = {
    "pool": pool,
    "direct": lambda work, data, args: pipeline(work, data, args, []),
    "flink": lambda work, data, args: pipeline(work, data, args, ["--runner", "flink"]),
    "cluster1": lambda work, data, args: cluster(work, data, args, 1),
    "cluster2": lambda work, data, args: cluster(work, data, args, 2),
}


def draw(data, items, size, drawn):
    """Draws scenes, and has the rest as copies whose bytes differ: each is work of its own for every stage."""
    val = max(1, items // 10)
    of_train, of_val = -(-(items - val) * drawn // items), -(-val * drawn // items)
    subprocess.run([*JAVA, "-cp", JARS, "io.cityseg.cli.CitySeg", "scenes", data, "--train", str(of_train), "--val", str(of_val),
                    "--size", size], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for split, there, wanted in (("train", of_train, items - val), ("val", of_val, val)):
        images = sorted(glob.glob(f"{data}/leftImg8bit/{split}/*/*_leftImg8bit.png"))
        for n in range(wanted - there):
            copy(images[n % there], 1 + n // there)


def copy(image, n):
    """The n-th copy of an item: a comment more in its picture, white space more in its polygons, another frame number."""
    folder, name = os.path.split(image)
    city, sequence, frame = name[:-len("_leftImg8bit.png")].rsplit("_", 2)
    item = f"{city}_{sequence}_{frame}"
    another = f"{city}_{sequence}_{int(frame) + n:06d}"
    with open(image, "rb") as file:
        png = file.read()
    comment = b"tEXtcopy\0%d" % n
    chunk = struct.pack(">I", len(comment) - 4) + comment + struct.pack(">I", zlib.crc32(comment))
    with open(f"{folder}/{another}_leftImg8bit.png", "wb") as file:
        file.write(png[:-12] + chunk + png[-12:])
    labels = folder.replace("/leftImg8bit/", "/gtFine/")
    for kind in ("polygons.json", "labelIds.png", "instanceIds.png"):
        label, target = (f"{labels}/{name}_gtFine_{kind}" for name in (item, another))
        if label.endswith(".json"):
            with open(label, "rb") as file, open(target, "wb") as out:
                out.write(file.read() + b"\n" * n)
        else:
            os.link(label, target)


def megabytes(value):
    return "" if value is None else f"{value:.0f}"


def requests(report, items):
    print("\n| stage | requests to the store per item |\n|---|---|")
    for stage, of in report.items():
        total = sum(of["requests"].values())
        each = ", ".join(f"{what} {count / items:.2f}" for what, count in of["requests"].items())
        print(f"| {stage} | {total / items:.2f}: {each} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("items", type=int, nargs="*", default=[300, 3000])
    parser.add_argument("--size", default="64x128", help="of an item, HxW (real ones: 1024x2048)")
    parser.add_argument("--drawn", type=int, help="how many scenes are drawn, the others being copies of them (default: all)")
    parser.add_argument("--parallelism", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--heap", type=int, default=1024, help="of the client, in MB (default: the launcher's)")
    parser.add_argument("--worker-heap", type=int, default=512, help="of a TaskManager's tasks, in MB (default: infra/cluster's)")
    parser.add_argument("--live", action="store_true", help="of memory, what is live in the heaps, not what is resident")
    parser.add_argument("--runners", default=",".join(RUNNERS))
    args = parser.parse_args()
    runners = args.runners.split(",")
    unknown = set(runners) - set(RUNNERS)
    if unknown:
        parser.error(f"unknown runner {', '.join(sorted(unknown))} (there are {', '.join(RUNNERS)})")
    print("| items | size | runner | trainids + shards, s | ms an item | of the pool's | client CPU, s | client, MB | worker, MB |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    counted = None
    for items in args.items:
        with tempfile.TemporaryDirectory(prefix="cityseg-scale-") as folder:
            data = f"{folder}/data"
            draw(data, items, args.size, min(items, args.drawn or items))
            of_pool = artifact = None
            for runner in runners:
                results = []
                for _ in range(args.rounds):
                    work = f"{folder}/{runner}"
                    os.makedirs(work)
                    results.append(RUNNERS[runner](work, data, args))
                    shutil.rmtree(work)
                result = sorted(results, key=lambda r: r["seconds"])[len(results) // 2]
                artifact = artifact or result["artifact"]
                if result["artifact"] != artifact:
                    sys.exit(f"{runner} made another artifact: {result['artifact']} and not {artifact}")
                seconds = statistics.median(r["seconds"] for r in results)
                if runner == "pool":
                    of_pool = seconds
                    counted = (result["requests"], items)
                ratio = f"{seconds / of_pool:.2f}" if of_pool else ""
                print(f"| {items} | {args.size} | {runner} | {seconds:.2f} | {1000 * seconds / items:.2f} | {ratio} | "
                      f"{result['cpu']:.1f} | {megabytes(result['client'])} | {megabytes(result.get('worker'))} |", flush=True)
    if counted:
        requests(*counted)


if __name__ == "__main__":
    main()
