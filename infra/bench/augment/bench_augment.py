"""CPU time of mmsegmentation's train pipeline (resize, crop, photometric distortion; its formulas, see infra/parity/augment) for one 1024x2048 image."""
import os
import random
import sys
import time

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../parity/augment"))
from make_golden import cv2, distorted, scaled_size  # noqa: E402


def crop_box(size):
    top, left = random.randint(0, max(size[1] - 512, 0)), random.randint(0, max(size[0] - 1024, 0))
    return slice(top, top + 512), slice(left, left + 1024)


def augmented(image, label):
    size = scaled_size(*label.shape, random.uniform(0.5, 2))
    image = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    label = cv2.resize(label, size, interpolation=cv2.INTER_NEAREST)
    box = crop_box(size)
    for _ in range(10):
        labels, counts = np.unique(label[box], return_counts=True)
        counts = counts[labels != 255]
        if len(counts) > 1 and np.max(counts) / np.sum(counts) < 0.75:
            break
        box = crop_box(size)

    def perhaps(low, high):
        return random.uniform(low, high) if random.random() < 0.5 else None

    hue = random.randint(-18, 17) if random.random() < 0.5 else None
    return distorted(image[box], perhaps(-32, 32), perhaps(0.5, 1.5), random.random() < 0.5, perhaps(0.5, 1.5), hue), label[box]


def main(images):
    index = np.arange(1024 * 2048 * 3)
    image = (index * 31 + index // 4097).astype(np.uint8).reshape(1024, 2048, 3)
    label = (np.arange(1024 * 2048) // 60 % 19).astype(np.uint8).reshape(1024, 2048)
    for _ in range(3):
        cpu = time.process_time()
        for _ in range(images):
            augmented(image, label)
        print("%.1f ms of CPU an image" % (1000 * (time.process_time() - cpu) / images))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
