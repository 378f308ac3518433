"""python make_golden.py OUT.json : predictions at full resolution of PyTorch, for FullSizePredictorTest

torchvision's deeplabv3_resnet50 on the formula's weights (../networks/formula.py), in float64; images resized by OpenCV. Windows are those of
mmsegmentation's slide_inference, scales and mirror images are averaged as its aug_test averages them. Void (class 19) is left out first.
"""
import json
import os
import sys

import cv2
import numpy as np
import torch
import torchvision
from torch.nn import functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "networks"))
import formula  # noqa: E402

HEIGHT, WIDTH = 70, 90
EVALUATED = 19
# Where the best two averages are closer than this part of the best, float32 may decide otherwise.
TOO_CLOSE = 1e-4
MEAN = np.array([0.485, 0.456, 0.406])
STD = np.array([0.229, 0.224, 0.225])
CASES = [
    dict(input="40x56", scales=[1.0], flip=False, window="", stride=""),
    dict(input="original", scales=[1.0], flip=False, window="", stride=""),
    dict(input="original", scales=[1.0], flip=False, window="33x48", stride="20x30"),
    dict(input="original", scales=[1.0], flip=True, window="", stride=""),
    dict(input="40x56", scales=[0.75, 1.25], flip=True, window="33x48", stride="20x30"),
    dict(input="original", scales=[0.5, 1.0, 1.5], flip=True, window="", stride=""),
]


def size(text):
    return tuple(int(part) for part in text.split("x"))


def image():
    i = np.arange(HEIGHT * WIDTH * 3)
    x, y = i // 3 % WIDTH, i // 3 // WIDTH
    return ((x // 15 * 60 + y // 20 * 90 + i % 3 * 40 + i * 7919 % 37) % 256).astype(np.uint8).reshape(HEIGHT, WIDTH, 3)


def network():
    model = torchvision.models.segmentation.deeplabv3_resnet50(weights=None, weights_backbone=None, num_classes=20, aux_loss=True)
    state = {k: torch.from_numpy(np.array(formula.tensor(k, tuple(v.shape)))) for k, v in model.state_dict().items()}
    # Every class gets the same mean logit, so that the predicted class differs from place to place.
    state["classifier.4.bias"] = torch.zeros(20)
    model.load_state_dict(state)
    model = model.double().eval()
    with torch.no_grad():
        logits = model.classifier(model.backbone(tensor(image(), False))["out"])
        bias = (-logits.mean(dim=(0, 2, 3))).float()
        model.classifier[4].bias.copy_(bias.double())
    return model, bias


def tensor(pixels, mirrored):
    values = ((pixels / 255.0 - MEAN) / STD).transpose(2, 0, 1)[None]
    return torch.from_numpy(np.ascontiguousarray(values[..., ::-1] if mirrored else values))


def enlarged(logits, to):
    return F.interpolate(logits, to, mode="bilinear", align_corners=False)


def slide(model, x, window, stride):
    h, w = x.shape[2:]
    rows = max(h - window[0] + stride[0] - 1, 0) // stride[0] + 1
    columns = max(w - window[1] + stride[1] - 1, 0) // stride[1] + 1
    sums, counts = x.new_zeros(1, 20, h, w), x.new_zeros(1, 1, h, w)
    for row in range(rows):
        for column in range(columns):
            bottom, right = min(row * stride[0] + window[0], h), min(column * stride[1] + window[1], w)
            top, left = max(bottom - window[0], 0), max(right - window[1], 0)
            part = model(x[:, :, top:bottom, left:right])["out"]
            sums[:, :, top:bottom, left:right] += part
            counts[:, :, top:bottom, left:right] += 1
    return sums / counts


def predict(model, case):
    pixels = image()
    base = (HEIGHT, WIDTH) if case["input"] == "original" else size(case["input"])
    total, several = 0, len(case["scales"]) > 1 or case["flip"]
    for scale in case["scales"]:
        height, width = (int(length * scale + 0.5) for length in base)
        scaled = pixels if (height, width) == (HEIGHT, WIDTH) else cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR)
        for mirrored in [False, True] if case["flip"] else [False]:
            x = tensor(scaled, mirrored)
            if case["window"]:
                logits = slide(model, x, size(case["window"]), size(case["stride"]))
            else:
                logits = model.classifier(model.backbone(x)["out"])
            logits = enlarged(logits[:, :EVALUATED], (HEIGHT, WIDTH))
            values = logits.softmax(1) if several else logits
            total = total + (values.flip(3) if mirrored else values)
    best, classes = total[0].topk(2, dim=0)
    clear = (best[0] - best[1] > TOO_CLOSE * best[0].abs()).numpy().reshape(-1)
    names = [chr(ord("a") + int(c)) for c in classes[0].numpy().reshape(-1)]
    return "".join(name if sure else "." for name, sure in zip(names, clear))


def main():
    torch.set_num_threads(2)
    model, bias = network()
    with torch.no_grad():
        cases = [dict(case, classes=predict(model, case)) for case in CASES]
    made_by = "infra/parity/evaluate/make_golden.py: torch %s, torchvision %s, OpenCV %s; a letter a pixel (a is class 0), '.' where two classes are too close" % (
        torch.__version__, torchvision.__version__, cv2.__version__)
    with open(sys.argv[1], "w", encoding="utf-8") as f:
        json.dump({"madeBy": made_by, "bias": [float(b) for b in bias], "cases": cases}, f, separators=(",", ":"))
        f.write("\n")
    for case in cases:
        text = case["classes"]
        print(case["input"], case["scales"], case["flip"], case["window"], "classes", sorted(set(text) - {"."}), "too close", text.count("."))


if __name__ == "__main__":
    main()
