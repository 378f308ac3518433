"""Golden values of the augmentations: the formulas of mmcv 2 and mmsegmentation 1.x with OpenCV, given their parameters.

Writes stages/src/test/resources/io/cityseg/augment/golden.txt: a line a case,
    <transform> <height> <width> <seed of the picture> <parameters...> = <height> <width> <SHA-256 of the bytes> <first 24 bytes>
and prints the digests of all colours' conversions (HsvTest). Widths of colour cases are multiples of 32: see Hsv.java for why.
The picture is drawn by `picture` below, which the Java test repeats. Colours are B, G, R on the way, as in the originals, and R, G, B in the file.

Needs numpy and opencv-python-headless==4.9.0.80, the version that cityseg has.
"""
import hashlib
import sys

import cv2
import numpy as np


def picture(height, width, seed, channels):
    """Bytes of a 64-bit linear congruential generator (Knuth's MMIX constants): bits 56..63 of each state."""
    state, out = seed, bytearray()
    for _ in range(height * width * channels):
        state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        out.append(state >> 56)
    return np.frombuffer(bytes(out), np.uint8).reshape(height, width, channels).copy()


# mmcv/image/geometric.py, rescale_size and _scale_size; mmcv/transforms/processing.py, RandomResize._random_sample_ratio
def scaled_size(height, width, ratio):
    scale = int(width * ratio), int(height * ratio)
    factor = min(max(scale) / max(height, width), min(scale) / min(height, width))
    return int(width * float(factor) + 0.5), int(height * float(factor) + 0.5)


# mmseg/datasets/transforms/transforms.py, PhotoMetricDistortion
def convert(img, alpha=1, beta=0):
    img = img.astype(np.float32) * alpha + beta
    return np.clip(img, 0, 255).astype(np.uint8)


def saturated(img, alpha):
    img = cv2.cvtColor(img, cv2.COLOR_BGR2HSV)
    img[:, :, 1] = convert(img[:, :, 1], alpha=alpha)
    return cv2.cvtColor(img, cv2.COLOR_HSV2BGR)


def hued(img, delta):
    img = cv2.cvtColor(img, cv2.COLOR_BGR2HSV)
    img[:, :, 0] = (img[:, :, 0].astype(int) + delta) % 180
    return cv2.cvtColor(img, cv2.COLOR_HSV2BGR)


def distorted(img, brightness, contrast, first, saturation, hue):
    if brightness is not None:
        img = convert(img, beta=brightness)
    if contrast is not None and first:
        img = convert(img, alpha=contrast)
    if saturation is not None:
        img = saturated(img, saturation)
    if hue is not None:
        img = hued(img, hue)
    if contrast is not None and not first:
        img = convert(img, alpha=contrast)
    return img


def line(name, height, width, seed, parameters, out):
    given = " ".join("-" if p is None else str(p) for p in parameters)
    data = np.ascontiguousarray(out).tobytes()
    return (f"{name} {height} {width} {seed} {given} = {out.shape[0]} {out.shape[1]} "
            f"{hashlib.sha256(data).hexdigest()} {data[:24].hex()}")


def all_colours(first):
    planes = np.meshgrid(np.arange(first, dtype=np.uint8), *[np.arange(256, dtype=np.uint8)] * 2, indexing="ij")
    return np.ascontiguousarray(np.stack(planes, -1).reshape(-1, 4096, 3))


def main(path):
    for code, first in [("RGB2HSV", 256), ("HSV2RGB", 180)]:
        out = cv2.cvtColor(all_colours(first), getattr(cv2, "COLOR_" + code))
        print(code, hashlib.sha256(out.tobytes()).hexdigest())
    lines = ["# infra/parity/augment/make_golden.py made this, with OpenCV %s and numpy %s" % (cv2.__version__, np.__version__)]
    for height, width, ratio in [(32, 64, 0.5), (32, 64, 2.0), (33, 61, 0.7343), (64, 128, 1.3719), (47, 31, 1.9), (128, 256, 0.913)]:
        seed = height + width
        size = scaled_size(height, width, ratio)
        image = cv2.resize(picture(height, width, seed, 3), size, interpolation=cv2.INTER_LINEAR)
        lines.append(line("image", height, width, seed, [ratio], image))
        label = cv2.resize(picture(height, width, seed, 1)[:, :, 0], size, interpolation=cv2.INTER_NEAREST)
        lines.append(line("label", height, width, seed, [ratio], label))
    for height, width, seed, *values in [
        (16, 64, 1, 17.31, None, True, None, None),
        (16, 64, 2, -31.9, None, True, None, None),
        (16, 64, 3, None, 0.513, True, None, None),
        (16, 64, 4, None, 1.4871, False, None, None),
        (16, 64, 5, None, None, True, 0.731, None),
        (64, 128, 6, None, None, True, 1.497, None),
        (16, 64, 7, None, None, False, None, -18),
        (64, 128, 8, None, None, False, None, 17),
        (64, 128, 9, -12.7, 1.25, True, 0.61, 9),
        (64, 128, 10, 30.003, 0.77, False, 1.31, -7),
    ]:
        rgb = picture(height, width, seed, 3)
        out = distorted(rgb[:, :, ::-1].copy(), *values)[:, :, ::-1]
        lines.append(line("colour", height, width, seed, values, out))
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "stages/src/test/resources/io/cityseg/augment/golden.txt")
