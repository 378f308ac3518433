"""python make_training.py ORACLE OUTDIR: golden values of what training does beside the reference run's plain loop.

ORACLE is the folder with formula.py (the formula that gives every weight, input and label from its name) and common.py (torchvision's
deeplabv3_resnet50 with those weights). Everything runs in float64 on a CPU. Writes OUTDIR/rules.json (losses, update rules, averages on
a few numbers) and OUTDIR/replicas.json (one step of the network, cut into replicas as torch.nn.DataParallel cuts it).
"""
import json
import os
import sys

import torch
import torch.nn.functional as F
from torch.func import functional_call

ORACLE, OUTDIR = sys.argv[1:3]
sys.path.insert(0, ORACLE)
import common  # noqa: E402
import formula  # noqa: E402

WEIGHTS = ["backbone.conv1.weight", "backbone.layer2.0.conv2.weight", "backbone.layer4.2.bn3.bias", "classifier.0.convs.4.1.weight",
           "classifier.4.weight", "classifier.4.bias", "aux_classifier.4.weight"]
NORMS = ["backbone.bn1", "backbone.layer3.5.bn2", "classifier.0.convs.4.2", "classifier.2", "aux_classifier.1"]


def numbers(tensor):
    return [float("%.12g" % v) for v in tensor.detach().double().reshape(-1).tolist()]


def ohem(logits, labels, threshold, min_kept):
    """mmsegmentation 1.2's OHEMPixelSampler.sample with `thresh`, and the mean over the kept pixels."""
    batch_kept = min_kept * labels.size(0)
    valid = labels != 255
    own = F.softmax(logits, 1).gather(1, torch.where(valid, labels, 0).unsqueeze(1)).squeeze(1)
    ordered = own[valid].sort()[0]
    bound = max(float(ordered[min(batch_kept, ordered.numel() - 1)]), threshold)
    kept = valid & (own < bound)
    each = F.cross_entropy(logits, labels, ignore_index=255, reduction="none")
    return each[kept].mean(), int(kept.sum())


def losses():
    g = torch.Generator().manual_seed(7)
    logits = (2 * torch.randn(2, 5, 3, 4, generator=g, dtype=torch.float64)).float().double().requires_grad_()
    labels = torch.randint(0, 5, (2, 3, 4), generator=g)
    labels[torch.rand(2, 3, 4, generator=g) < 0.25] = 255
    weights = torch.tensor([1.0, 0.5, 2.0, 0.0, 3.0], dtype=torch.float64)
    cases = {"weighted": F.cross_entropy(logits, labels, weight=weights, ignore_index=255)}
    for name, threshold, kept in (("hard_by_threshold", 0.3, 1), ("hard_by_count", 0.01, 4), ("hard_all", 0.5, 100)):
        cases[name], count = ohem(logits, labels, threshold, kept)
        cases[name].kept = (threshold, kept, count)
    doc = {"logits": numbers(logits), "labels": labels.reshape(-1).tolist(), "class_weights": numbers(weights), "cases": {}}
    for name, loss in cases.items():
        gradient, = torch.autograd.grad(loss, logits, retain_graph=True)
        doc["cases"][name] = {"loss": float(loss), "gradient": numbers(gradient)}
        if hasattr(loss, "kept"):
            doc["cases"][name].update(zip(("threshold", "min_kept", "kept"), loss.kept))
    return doc


def rules():
    g = torch.Generator().manual_seed(8)
    start = torch.randn(4, generator=g).double()
    gradients = torch.randn(6, 4, generator=g).double()
    sgd = torch.nn.Parameter(start.clone())
    optimizer = torch.optim.SGD([sgd], lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True)
    holder = torch.nn.Module()
    holder.p = sgd
    average = torch.optim.swa_utils.AveragedModel(holder, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.8))
    doc = {"start": numbers(start), "gradients": [numbers(v) for v in gradients], "nesterov": [], "ema_0.8": []}
    for gradient in gradients:
        sgd.grad = gradient.clone()
        optimizer.step()
        average.update_parameters(holder)
        doc["nesterov"].append(numbers(sgd))
        doc["ema_0.8"].append(numbers(average.module.p))
    return doc


def loss_of(out, labels, weights):
    """Void (255) ignored, classes weighted, and the auxiliary head with 0.4."""
    return sum(w * F.cross_entropy(out[head], labels, weight=weights, ignore_index=255) for head, w in (("out", 1), ("aux", 0.4)))


def step(images, cut, remember_all):
    """One step; `cut` gives the chunks, whose outputs are gathered. DataParallel's replicas beside the first have buffers of their own."""
    model = common.set_dropout(common.build(formula.SALT, torch.float64), 0.0).train()
    x = torch.from_numpy(formula.image((images, 3, 33, 33), formula.SALT)).double()
    labels = torch.from_numpy(formula.labels(images, 33, 33, ignored=True, salt=formula.SALT))
    # the last image has one pixel that counts: a mean of the chunks' means would show
    labels[-1].fill_(255)
    labels[-1, 0, 0] = 3
    weights = torch.linspace(0.5, 2.4, 20, dtype=torch.float64)
    outputs = []
    for i, part in enumerate(cut(x)):
        buffers = dict(model.named_buffers())
        if i > 0 and not remember_all:
            buffers = {k: v.clone() for k, v in buffers.items()}
        outputs.append(functional_call(model, buffers, (part,)))
    out = {k: torch.cat([o[k] for o in outputs]) for k in ("out", "aux")}
    loss = loss_of(out, labels, weights)
    loss.backward()
    parameters, state = dict(model.named_parameters()), model.state_dict()
    doc = {"images": images, "chunks": [len(p) for p in cut(x)], "loss": float(loss), "gradients": {}, "statistics": {}}
    for name in WEIGHTS:
        gradient = parameters[name].grad.reshape(-1)
        at = gradient.abs().argsort(descending=True)[:4]
        doc["gradients"][name] = {"norm": float(gradient.norm()), "index": at.tolist(), "value": numbers(gradient[at])}
    for name in NORMS:
        doc["statistics"][name] = {"running_mean": numbers(state[name + ".running_mean"][:6]),
                                   "running_var": numbers(state[name + ".running_var"][:6]),
                                   "num_batches_tracked": int(state[name + ".num_batches_tracked"])}
    return doc


def write(name, doc):
    made = "torch %s, float64, by infra/parity/training/make_training.py" % torch.__version__.split("+")[0]
    with open(os.path.join(OUTDIR, name), "w") as f:
        json.dump({"made_with": made, **doc}, f, indent=1)
        f.write("\n")


def main():
    common.deterministic(2)
    write("rules.json", {"loss": losses(), "updates": rules()})
    write("replicas.json", {"replicas": step(5, lambda x: x.chunk(2), False), "accumulated": step(5, lambda x: x.split([2, 3]), True)})


if __name__ == "__main__":
    main()
