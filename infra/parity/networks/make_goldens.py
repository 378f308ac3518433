"""python make_goldens.py OUTDIR : golden values of torchvision's DeepLabV3 over resnet101 and mobilenet_v3_large

Weights and inputs come from formula.py; the values are those of a float64 run, and `f32` says how far torch's own float32 lies.
"""
import argparse
import json
import os

import numpy as np
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

import formula

NETWORKS = {"resnet101": "deeplabv3_resnet101", "mobilenet_v3_large": "deeplabv3_mobilenet_v3_large"}
# The odd size; and wide enough that the largest dilation (36 at a sixteenth of the size) meets more than padding.
SHAPES = {"resnet101": [(1, 3, 65, 97), (1, 3, 33, 328)], "mobilenet_v3_large": [(1, 3, 65, 97), (2, 3, 33, 641)]}
SAMPLES = 4
BATCH = (4, 64, 64)
AUX_WEIGHT = 0.4


def build(name, dtype):
    model = getattr(torchvision.models.segmentation, name)(weights=None, weights_backbone=None, num_classes=20, aux_loss=True)
    model.load_state_dict({k: torch.from_numpy(np.array(formula.tensor(k, tuple(v.shape)))) for k, v in model.state_dict().items()})
    return model.to(dtype)


def names(model):
    parameters = {k for k, _ in model.named_parameters()}
    yield "name,shape,dtype,kind,numel"
    for k, v in model.state_dict().items():
        shape = "x".join(map(str, v.shape)) or "scalar"
        yield ",".join([k, shape, str(v.dtype)[6:], "parameter" if k in parameters else "buffer", str(v.numel())])


def indices(name, n, count):
    found = set()
    for v in formula.z("sample:" + name, 8 * count + 64):
        found.add(int(v >> np.uint64(1)) % n)
        if len(found) == min(n, count):
            break
    return sorted(found)


def traced(model, x):
    """Outputs by module name: convolutions, batch normalisations, blocks, stages, ASPP branches, heads."""
    got, handles = {}, []
    for name, module in model.named_modules():
        parts = name.split(".")
        block = parts[0] == "backbone" and type(module).__name__ in ("Bottleneck", "InvertedResidual", "SqueezeExcitation")
        branch = name.startswith("classifier.0.convs.") and len(parts) == 4
        stage = len(parts) == 2 and parts[1].startswith("layer")
        if isinstance(module, (nn.Conv2d, nn.BatchNorm2d)) or block or branch or stage \
                or name in ("classifier", "aux_classifier", "classifier.0.project"):
            handles.append(module.register_forward_hook(
                lambda m, i, o, name=name: got.__setitem__(name, o.detach().double().numpy().copy())))
    with torch.no_grad():
        result = model(x)
    for handle in handles:
        handle.remove()
    got["out"], got["aux"] = (result[k].double().numpy() for k in ("out", "aux"))
    return got


def forward(name, shapes):
    models = [build(name, d).eval() for d in (torch.float64, torch.float32)]
    inputs, worst = {}, {}
    for shape in shapes:
        x = torch.from_numpy(formula.image(shape))
        f64, f32 = (traced(m, x.to(d)) for m, d in zip(models, (torch.float64, torch.float32)))
        layers = {}
        for k, a in f64.items():
            at = indices(k, a.size, 64 if k in ("out", "aux") else SAMPLES)
            layers[k] = {"shape": list(a.shape), "index": at, "value": [float("%.9g" % a.reshape(-1)[i]) for i in at]}
        text = "x".join(map(str, shape))
        inputs[text] = layers
        diffs = {k: np.abs(f64[k] - f32[k]).max() for k in f64}
        worst[text] = {"layers": float("%.2e" % max(diffs.values())), "out": float("%.2e" % diffs["out"]), "aux": float("%.2e" % diffs["aux"])}
    return inputs, worst


def training(name):
    """Loss and gradients of one step in training mode, without dropout, on CE(out) + 0.4 CE(aux) with ignored pixels."""
    runs = []
    for dtype in (torch.float64, torch.float32):
        model = build(name, dtype).train()
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        y = torch.from_numpy(formula.labels(*BATCH, ignored=True))
        out = model(torch.from_numpy(formula.image((BATCH[0], 3) + BATCH[1:])).to(dtype))
        loss = sum(w * F.cross_entropy(out[k], y, ignore_index=255) for k, w in (("out", 1.0), ("aux", AUX_WEIGHT)))
        loss.backward()
        norms = {k: p.grad.double().norm().item() for k, p in model.named_parameters()}
        runs.append((loss.item(), norms, {k: v.double() for k, v in model.state_dict().items()}))
    (loss, norms, state), (loss32, norms32, _) = runs
    rows = ["parameter,gradient_l2_f64,f32_l2_relative_diff"]
    rows += ["%s,%.9g,%.1e" % (k, v, abs(norms32[k] - v) / v) for k, v in norms.items()]
    statistics = {k: {"index": 3, "value": float("%.9g" % v.reshape(-1)[3].item())} for k, v in state.items() if "running_" in k}
    return {"loss": float("%.12g" % loss), "f32_loss": float("%.12g" % loss32), "running": statistics}, rows


def write(path, lines):
    with open(path, "w", encoding="utf-8", newline="\n") as f:
        f.write("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("outdir")
    out = parser.parse_args().outdir
    os.makedirs(out, exist_ok=True)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for short, name in NETWORKS.items():
        write(os.path.join(out, "names_%s.csv" % short), names(build(name, torch.float32)))
        inputs, worst = forward(name, SHAPES[short])
        step, rows = training(name)
        doc = {"made_by": "infra/parity/networks/make_goldens.py (torch %s, torchvision %s, float64): %s with 20 classes, formula weights"
               % (torch.__version__, torchvision.__version__, name), "f32": worst, "training": step}
        lines = [json.dumps(doc)[:-1] + ', "inputs": {']
        for i, (text, layers) in enumerate(inputs.items()):
            lines.append('"%s": {' % text)
            lines.append(",\n".join(json.dumps(k) + ": " + json.dumps(v) for k, v in layers.items()))
            lines.append("}" + ("," if i + 1 < len(inputs) else "}}"))
        write(os.path.join(out, "forward_%s.json" % short), lines)
        write(os.path.join(out, "gradients_%s_4x64x64.csv" % short), rows)
        relative = [float(r.rsplit(",", 1)[1]) for r in rows[1:]]
        print(name, "float32 against float64:", worst, "loss %.1e, gradient norms at most %.1e, median %.1e"
              % (abs(step["f32_loss"] / step["loss"] - 1), max(relative), sorted(relative)[len(relative) // 2]))


if __name__ == "__main__":
    main()
