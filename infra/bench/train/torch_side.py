"""PyTorch's side of the benchmarks: as many steps as a line of standard input says; answers "seconds CPU-seconds last-value".

The arguments are those of our side (SpeedBenchmark.java), and two more: contiguous or channels_last, single or fused (Adam).
"""
import resource
import sys
import time

import numpy as np
import torch
from safetensors.torch import load_file
from torchvision.models.segmentation import deeplabv3_resnet50

CLASSES = 20


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def batch(file, n, h, w):
    """Normalised as Albumentations does it (mean and deviation of ImageNet, 255), and classes with void as 19."""
    raw = np.fromfile(file, np.uint8)
    images = raw[:n * h * w * 3].reshape(n, h, w, 3).astype(np.float32)
    mean = np.array([0.485, 0.456, 0.406], np.float32) * 255
    deviation = np.array([0.229, 0.224, 0.225], np.float32) * 255
    labels = raw[n * h * w * 3:].reshape(n, h, w).astype(np.int64)
    labels[labels == 255] = 19
    return torch.from_numpy((images - mean) / deviation).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(labels)


def main():
    what, weights, pixels, n, h, w, threads, device, precision, layout, adam = sys.argv[1:]
    if int(threads):
        torch.set_num_threads(int(threads))
    device = {"gpu": "cuda"}.get(device, device)
    torch.manual_seed(1)
    model = deeplabv3_resnet50(weights=None, weights_backbone=None, num_classes=CLASSES, aux_loss=True)
    model.load_state_dict(load_file(weights))
    x, y = batch(pixels, int(n), int(h), int(w))
    x, y, model = x.to(device), y.to(device), model.to(device)
    if layout == "channels_last":
        model = model.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    confusion = torch.zeros(CLASSES * CLASSES, dtype=torch.int64, device=device)
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True if adam == "fused" else None)
    autocast = torch.autocast(device, dtype=torch.bfloat16, enabled=precision == "bf16")

    def count(out):
        predicted = out.detach().argmax(1)
        confusion.add_(torch.bincount((y * CLASSES + predicted).flatten(), minlength=CLASSES * CLASSES))
        return predicted

    def train():
        optimizer.zero_grad()
        with autocast:
            out = model(x)["out"]
            loss = criterion(out, y)
        loss.backward()
        optimizer.step()
        count(out)
        return loss.item()

    def evaluate():
        with torch.inference_mode(), autocast:
            return (count(model(x)["out"]) == y).float().mean().item()

    model.train(what == "train")
    step = train if what == "train" else evaluate
    print("ready", flush=True)
    for line in sys.stdin:
        wall, cpu = time.perf_counter(), cpu_seconds()
        for _ in range(int(line)):
            value = step()
        print(f"{time.perf_counter() - wall:.6f} {cpu_seconds() - cpu:.6f} {value:.6f}", flush=True)


main()
