"""python check_weights.py [--command "PATH/TO/cityseg"] [NETWORK...] : weights through `cityseg export checkpoint` and a real torchvision

Every state dict goes in as torch.save writes it (zip, legacy, DataParallel's prefix, a checkpoint, Parameters) and comes out as .safetensors and
.pth. The tensors must be the same bits in the same order, and torchvision's model must give the same logits.
"""
import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections import OrderedDict

import torch
import torchvision
from safetensors.torch import load_file, save_file
from torch import nn

NETWORKS = ["deeplabv3_resnet50", "deeplabv3_resnet101", "deeplabv3_mobilenet_v3_large"]


def build(name):
    return getattr(torchvision.models.segmentation, name)(weights=None, weights_backbone=None, num_classes=20, aux_loss=True)


def randomised(name):
    """A model whose running statistics and counters are not the fresh ones."""
    torch.manual_seed(1)
    model = build(name)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
            module.num_batches_tracked.fill_(12345678901)
    return model.eval()


def inputs(state, folder):
    """The ways that people save a state dict."""
    def path(name):
        return os.path.join(folder, name)
    torch.save(state, path("zip.pth"))
    yield path("zip.pth")
    torch.save(state, path("legacy.pth"), _use_new_zipfile_serialization=False)
    yield path("legacy.pth")
    torch.save({"epoch": 3, "model": state, "loss": [1.5, 0.5]}, path("checkpoint.pth"))
    yield path("checkpoint.pth")
    torch.save(OrderedDict(("module." + k, v) for k, v in state.items()), path("module.pth"))
    yield path("module.pth")
    parameters = OrderedDict((k, nn.Parameter(v) if v.is_floating_point() else v) for k, v in state.items())
    torch.save(parameters, path("parameters.pth"))
    yield path("parameters.pth")
    last = OrderedDict((k, v.to(memory_format=torch.channels_last) if v.dim() == 4 else v) for k, v in state.items())
    torch.save(last, path("channels_last.pth"))
    yield path("channels_last.pth")
    save_file(dict(state), path("own.safetensors"))
    yield path("own.safetensors")


def same(want, got, what, ordered=True):
    keys = list(got) if ordered else [k for k in want if k in got]
    assert keys == list(want) and len(got) == len(want), what + ": other names or order"
    for k, v in want.items():
        assert got[k].dtype == v.dtype and got[k].shape == v.shape, (what, k, got[k].dtype, got[k].shape)
        bits = torch.int32 if v.dtype == torch.float32 else torch.int64
        assert torch.equal(got[k].reshape(-1).view(bits), v.contiguous().reshape(-1).view(bits)), (what, k)


def export(command, source, target):
    done = subprocess.run(command + ["export", "checkpoint", source, target], capture_output=True, text=True)
    assert done.returncode == 0, (source, done.returncode, done.stdout, done.stderr)
    with open(target, "rb") as f:
        return f.read()


def check(command, name):
    model = randomised(name)
    state = model.state_dict()
    x = torch.randn(1, 3, 65, 97, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        logits = model(x)
    with tempfile.TemporaryDirectory() as folder:
        first = {}
        for source in inputs(state, folder):
            for suffix in (".safetensors", ".pth"):
                target = os.path.join(folder, "out" + suffix)
                content = export(command, source, target)
                what = "%s, %s to %s" % (name, os.path.basename(source), suffix)
                assert first.setdefault(suffix, content) == content, what + ": other bytes than from the first file"
                if suffix == ".pth":
                    got = torch.load(target, weights_only=True)
                    assert isinstance(got, OrderedDict)
                    same(state, got, what)
                    same(state, torch.load(target, weights_only=True, mmap=True), what + ", mapped")
                else:
                    got = load_file(target)
                    same(state, got, what, ordered=False)
                print("ok", what)
            os.remove(source)
        other = build(name).eval()
        other.load_state_dict(torch.load(os.path.join(folder, "out.pth"), weights_only=True), strict=True)
        with torch.no_grad():
            again = other(x)
        difference = max((again[k] - logits[k]).abs().max().item() for k in logits)
        assert difference <= 1e-6, difference
        print("ok %s, load_state_dict(strict=True): logits differ by %.1e" % (name, difference))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--command", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../cityseg"))
    parser.add_argument("networks", nargs="*", default=NETWORKS)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name in arguments.networks:
        check(shlex.split(arguments.command), name)
    print("torch %s, torchvision %s: all equal" % (torch.__version__, torchvision.__version__))


if __name__ == "__main__":
    sys.exit(main())
