#!/usr/bin/env python3
"""Times training steps and evaluation against PyTorch eager with torchvision's network, in alternating rounds on the same input.

usage: python bench_train.py [--case train:2x128x256]... [--rounds 5] [--seconds 20] [--threads 2] [--device cpu|gpu]
                             [--precision fp32|bf16] [--torch-python PYTHON] [--class-path JARS]

A training step is forward (both heads), cross entropy, backward, Adam, and counting what was predicted; an evaluation step is forward and
counting. The ratio is PyTorch's time by ours (over 1: we are faster), with PyTorch's better memory format; the memory is the
process's largest resident set, and its ratio is ours by PyTorch's. Both sides have the same weights, pixels and threads.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
CASES = {
    "cpu": ["train:2x128x256", "train:4x192x256", "evaluate:1x768x1024"],
    "gpu": ["train:24x768x1024", "evaluate:24x768x1024"],
}
# Training at 768x1024, batch 24, on eight A100 40GB: the reference run's 2.06 batches a second.
REFERENCE_IMAGES_PER_SECOND = 49.5
MAKE_INPUT = """
import sys, numpy as np, torch
from safetensors.torch import save_file
from torchvision.models.segmentation import deeplabv3_resnet50
folder = sys.argv[1]
torch.manual_seed(7)
model = deeplabv3_resnet50(weights=None, weights_backbone=None, num_classes=20, aux_loss=True)
save_file(model.state_dict(), folder + '/weights.safetensors')
for case in sys.argv[2:]:
    n, h, w = map(int, case.split(':')[1].split('x'))
    rng = np.random.default_rng(7)
    images = rng.integers(0, 256, (n, h // 8, w // 8, 3), dtype=np.uint8).repeat(8, 1).repeat(8, 2)
    labels = rng.integers(0, 20, (n, h // 16, w // 16), dtype=np.uint8).repeat(16, 1).repeat(16, 2)
    labels[labels == 19] = 255
    with open(folder + '/' + case.split(':')[1], 'wb') as f:
        f.write(images.tobytes() + labels.tobytes())
print(torch.__version__, torch.get_num_threads())
"""


class Side:
    """A process that does steps when it is told to."""

    def __init__(self, name, command, env):
        self.name = name
        self.seconds, self.cpu, self.values = [], [], []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **env})
        line = self.process.stdout.readline()
        if line.strip() != "ready":
            sys.exit(f"bench_train: {name} did not start (it said {line!r}); its errors are above")
        self.start = self.memory("VmRSS")

    def run(self, steps):
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"bench_train: {self.name} ended with {self.process.wait()}; its errors are above")
        seconds, cpu, value = map(float, line.split())
        return seconds / steps, cpu / steps, value

    def round(self, steps):
        seconds, cpu, value = self.run(steps)
        self.seconds.append(seconds)
        self.cpu.append(cpu)
        self.values.append(value)

    def memory(self, field):
        with open(f"/proc/{self.process.pid}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith(field + ":")) / 1024

    def close(self):
        self.peak = self.memory("VmHWM")
        self.process.stdin.close()
        self.process.wait()

    def result(self, images):
        return {
            "seconds_per_step": round(statistics.median(self.seconds), 4), "best": round(min(self.seconds), 4),
            "cpu_seconds_per_step": round(statistics.median(self.cpu), 4),
            "images_per_second": round(images / statistics.median(self.seconds), 3),
            "peak_mib": round(self.peak), "started_mib": round(self.start), "values": self.values[:3],
        }


def class_path():
    file = os.path.join(ROOT, "stages", "target", "bench.classpath")
    maven = subprocess.run(
        ["mvn", "-B", "-ntp", "-q", "-pl", "proto,stages", "test-compile", "dependency:build-classpath", f"-Dmdep.outputFile={file}"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if maven.returncode:
        sys.exit("bench_train: Maven failed\n" + maven.stdout[-4000:])
    with open(file) as f:
        return os.pathsep.join([os.path.join(ROOT, "stages", "target", d) for d in ("test-classes", "classes")] + [f.read().strip()])


def sides(args, case, folder, path):
    what, size = case.split(":")
    common = [what, folder + "/weights.safetensors", f"{folder}/{size}", *size.split("x"), str(args.threads), args.device, args.precision]
    java = os.path.join(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    # The options of ./cityseg.
    yield "cityseg", [java, "-Xmx1g", "-XX:+UseSerialGC", "-Dai.djl.offline=true", "-Djava.awt.headless=true", *args.java_option, "-cp", path,
                      "io.cityseg.train.SpeedBenchmark", *common], {
        "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"), "OMP_WAIT_POLICY": os.environ.get("OMP_WAIT_POLICY", "PASSIVE")}
    for layout in args.layout or ["contiguous", "channels_last"]:
        yield layout, [args.torch_python, os.path.join(HERE, "torch_side.py"), *common, layout, args.adam], {}


def bench(args, case, folder, path):
    images = int(case.split(":")[1].split("x")[0])
    running = []
    for name, command, env in sides(args, case, folder, path):
        side = Side(name, command, env)
        seconds = [side.run(1)[0], side.run(1)[0]][1]
        side.steps = max(1, round(args.seconds / max(seconds, 1e-3)))
        running.append(side)
    for _ in range(args.rounds):
        for side in running:
            side.round(side.steps)
    for side in running:
        side.close()
    ours, peers = running[0], running[1:]
    result = {side.name: side.result(images) for side in running}
    best = min(peers, key=lambda side: statistics.median(side.seconds))
    result["faster_peer"] = best.name
    result["speed_ratio"] = round(statistics.median(p / o for p, o in zip(best.seconds, ours.seconds)), 3)
    result["cpu_ratio"] = round(statistics.median(p / o for p, o in zip(best.cpu, ours.cpu)), 3)
    result["memory_ratio"] = round(ours.peak / best.peak, 3)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--case", action="append", help=f"train or evaluate, batch x height x width; default: {CASES}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=15, help="of each side in a round")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--device", default="cpu", choices=["cpu", "gpu"])
    parser.add_argument("--precision", default="fp32", choices=["fp32", "bf16"])
    parser.add_argument("--layout", action="append", choices=["contiguous", "channels_last"], help="PyTorch's; default both")
    parser.add_argument("--adam", default="single", choices=["single", "fused"], help="PyTorch's; single is its default")
    parser.add_argument("--torch-python", default=sys.executable, help="a Python that has torch, torchvision, numpy, safetensors")
    parser.add_argument("--class-path", action="append", default=[], help="goes before the project's: the natives for a GPU")
    parser.add_argument("--java-option", action="append", default=[])
    args = parser.parse_args()
    cases = args.case or CASES[args.device]
    path = os.pathsep.join(args.class_path + [class_path()])
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run([args.torch_python, "-c", MAKE_INPUT, folder, *cases], stdout=subprocess.PIPE, text=True, check=True)
        print(f"peer: torch {made.stdout.split()[0]}, {args.threads} threads, {args.device}, {args.precision}, Adam {args.adam}", flush=True)
        results = {}
        for case in cases:
            results[case] = bench(args, case, folder, path)
            print(json.dumps({case: results[case]}, indent=1), flush=True)
    print(f"\n{'case':24}{'ours img/s':>12}{'PyTorch img/s':>15}{'faster layout':>16}{'speed':>8}{'CPU':>8}{'memory':>8}")
    for case, r in results.items():
        print(f"{case:24}{r['cityseg']['images_per_second']:12}{r[r['faster_peer']]['images_per_second']:15}{r['faster_peer']:>16}"
              f"{r['speed_ratio']:8}{r['cpu_ratio']:8}{r['memory_ratio']:8}")
        if case == "train:24x768x1024":
            print(f"{'':24}the reference run on eight A100: {REFERENCE_IMAGES_PER_SECOND} images/s")


if __name__ == "__main__":
    main()
