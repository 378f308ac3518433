"""Trains for 300 steps with the real command and prints its resident memory every 50 steps: it must be flat from epoch 2 on.

    python3 infra/bench/soak/soak.py [--steps N] [--limit SHARE] [-- MORE ARGUMENTS OF cityseg run]
"""
import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SCENES, BATCH = 48, 4
STEPS_PER_EPOCH = SCENES // BATCH
EVERY = 50
STEP = re.compile(r"train.*?: (\d+)/(\d+) steps")


def resident_mib(pid):
    """VmRSS and VmHWM (the highest so far) of a process."""
    status = Path("/proc/%d/status" % pid).read_text()
    return tuple(int(re.search(name + r":\s+(\d+) kB", status).group(1)) / 1024 for name in ("VmRSS", "VmHWM"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--limit", type=float, default=0.05, help="growth allowed from epoch 2 to the end (default 0.05)")
    parser.add_argument("more", nargs="*")
    given = parser.parse_args()
    epochs = -(-given.steps // STEPS_PER_EPOCH)
    with tempfile.TemporaryDirectory(prefix="cityseg-soak-") as folder:
        sets = {"train.epochs": epochs, "train.keep": "last", "train.batch_size": BATCH, "train.checkpoint_every_steps": 7,
                "data.scenes_train": SCENES, "data.scenes_val": 8}
        command = [str(ROOT / "cityseg"), "run", "--to", "train", "--store", folder + "/store"]
        for name, value in sets.items():
            command += ["--set", "%s=%s" % (name, value)]
        process = subprocess.Popen(command + given.more, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        second_epoch, last, due, tail = None, 0.0, 0, []
        print("%6s %10s %10s" % ("step", "RSS MiB", "peak MiB"))
        for line in process.stderr:
            tail = (tail + [line.rstrip()])[-5:]
            found = STEP.search(line)
            if not found:
                continue
            step = int(found.group(1))
            try:
                now, peak = resident_mib(process.pid)
            except (FileNotFoundError, AttributeError):
                continue  # it has just ended
            if step >= due:
                print("%6d %10.0f %10.0f" % (step, now, peak), flush=True)
                due = (step // EVERY + 1) * EVERY
            if second_epoch is None and step >= 2 * STEPS_PER_EPOCH:
                second_epoch = peak
            last = peak
        if process.wait() != 0 or second_epoch is None:
            print("\n".join(tail), file=sys.stderr)
            sys.exit("soak: the run failed with exit code %d" % process.returncode)
        growth = last / second_epoch - 1
        print("peak after epoch 2: %.0f MiB, at the end: %.0f MiB, growth %.1f %% (allowed: %.1f %%)"
              % (second_epoch, last, 100 * growth, 100 * given.limit))
        sys.exit(growth > given.limit)


if __name__ == "__main__":
    main()
