"""Reads what `cityseg export shards RUN DIR` wrote with the Python standard library alone, by the README in DIR, and compares it with the manifests:
frames, both checksums, ids, sizes, pixels of each class, digests.

    read_shards.py DIR
"""
import collections
import glob
import hashlib
import json
import os
import struct
import sys

TABLE = []
for n in range(256):
    for _ in range(8):
        n = (n >> 1) ^ (0x82F63B78 if n & 1 else 0)
    TABLE.append(n)


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    with open(path, "rb") as file:
        while header := file.read(12):
            length, crc = struct.unpack("<QI", header)
            assert crc == masked_crc(header[:8]), path
            data = file.read(length)
            assert struct.unpack("<I", file.read(4))[0] == masked_crc(data), path
            yield data


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data):
    """Field number to value of a protobuf message of varints and bytes."""
    at, found = 0, {}
    while at < len(data):
        tag, at = varint(data, at)
        value, at = varint(data, at)
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
        found[tag >> 3] = value
    return found


def check(folder):
    manifest = json.load(open(os.path.join(folder, "manifest.json")))
    files = sorted(glob.glob(os.path.join(folder, "*.tfrecord")))
    assert len(files) == len(manifest["shards"])
    pixels, items = collections.Counter(), 0
    for path, shard in zip(files, manifest["shards"]):
        assert hashlib.sha256(open(path, "rb").read()).hexdigest() == shard["file"]["sha256"], path
        ids = []
        for record in records(path):
            example = fields(record)
            ids.append(example[1].decode())
            assert (example[2], example[3]) == (manifest["height"], manifest["width"])
            assert len(example[4]) == 3 * len(example[5]) == 3 * example[2] * example[3]
            pixels.update(example[5])
        assert ids == shard["item_ids"], path
        items += len(ids)
    assert items == int(manifest["items"])
    counted = [pixels[train_id] for train_id in [*range(19), 255]]
    assert counted == [int(n) for n in manifest["class_pixels"]], counted
    print("%s: %d shards, %d examples, %d pixels" % (folder, len(files), items, sum(counted)))


if __name__ == "__main__":
    for split in ("train", "val"):
        check(os.path.join(sys.argv[1], split))
