"""Reads what `cityseg export metrics RUN DIR --format tensorboard,csv` wrote with TensorBoard's own reader and compares it with the CSV file.

    check_events.py DIR/RUN
"""
import csv
import glob
import struct
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

COLUMNS = {"train_loss": "train/loss", "train_mean_iou": "train/mean_iou", "val_loss": "val/loss", "val_mean_iou": "val/mean_iou",
           "val_pixel_accuracy": "val/pixel_accuracy", "learning_rate": "train/learning_rate",
           "images_per_second": "pace/images_per_second", "waiting_share": "pace/waiting_share"}


def main(folder):
    events = EventAccumulator(folder)
    events.Reload()
    tags = sorted(events.Tags()["scalars"])
    print("\n".join("%-36s %s" % (tag, [(e.step, round(e.value, 5)) for e in events.Scalars(tag)][:6]) for tag in tags))
    compared = 0
    for path in glob.glob(folder + "/history.csv"):
        rows = list(csv.DictReader(open(path)))
        for column, tag in COLUMNS.items():
            written = [(int(row["epoch"]), struct.unpack("f", struct.pack("f", float(row[column])))[0]) for row in rows if row[column]]
            read = [(e.step, e.value) for e in events.Scalars(tag)] if written else []
            assert read == written, (tag, read, written)
            compared += len(written)
    print("%d values are those of history.csv" % compared)


if __name__ == "__main__":
    main(sys.argv[1])
