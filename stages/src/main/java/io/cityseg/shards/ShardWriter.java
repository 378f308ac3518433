package io.cityseg.shards;

import com.google.protobuf.UnsafeByteOperations;
import io.cityseg.files.FileFailures;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.ImageException;
import io.cityseg.image.Resize;
import io.cityseg.image.RgbImage;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.Example;
import io.cityseg.proto.ImageItem;
import io.cityseg.proto.ShardManifest;
import io.cityseg.proto.ShardWork;
import io.cityseg.proto.TrainIdItem;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import io.cityseg.store.TemporaryFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes one shard: decodes, resizes, counts and writes its items one after the other. */
final class ShardWriter {
  private static final int BUFFER_BYTES = 1 << 16;

  private final ArtifactStore store;
  private final ShardWork work;
  private final long[] valuePixels = new long[256];

  ShardWriter(ArtifactStore store, ShardWork work) {
    this.store = store;
    this.work = work;
  }

  /** Stores the shard's file and returns its manifest. */
  ShardManifest write(String name) throws StageException, StoreException, InterruptedException {
    try (TemporaryFile file = store.temporaryFile()) {
      try {
        writeExamples(file.path());
      } catch (IOException e) {
        throw new StageException(
            "Shard %s cannot be written to the temporary file %s: %s; is there room?"
                .formatted(name, file.path(), FileFailures.reason(e)),
            e);
      }
      return manifest(store.put("tfrecord", file.path()));
    }
  }

  private void writeExamples(Path file)
      throws IOException, StageException, StoreException, InterruptedException {
    try (var out =
        new TFRecordWriter(new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES))) {
      for (int i = 0; i < work.getImagesCount(); i++) {
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted before " + work.getImages(i).getId());
        }
        out.write(example(work.getImages(i), work.getTrainIds(i)).toByteArray());
      }
    }
  }

  private Example example(ImageItem item, TrainIdItem trainIds)
      throws StageException, StoreException {
    try {
      RgbImage image =
          ImageCodec.decodeRgb(store.read(item.getImage()), item.getId() + "_leftImg8bit.png");
      GreyImage label = ImageCodec.decodeGrey(store.read(trainIds.getPng()), "the trainId image");
      requireSameSize(item, image, label);
      GreyImage resized = Resize.nearest(label, work.getHeight(), work.getWidth());
      count(item.getId(), resized);
      return Example.newBuilder()
          .setId(item.getId())
          .setHeight(work.getHeight())
          .setWidth(work.getWidth())
          .setImage(
              UnsafeByteOperations.unsafeWrap(
                  Resize.bilinear(image, work.getHeight(), work.getWidth()).pixels()))
          .setLabel(UnsafeByteOperations.unsafeWrap(resized.pixels()))
          .build();
    } catch (ImageException e) {
      throw new StageException(item.getId() + ": " + e.getMessage(), e);
    }
  }

  private static void requireSameSize(ImageItem item, RgbImage image, GreyImage label)
      throws StageException {
    if (image.height() != label.height() || image.width() != label.width()) {
      throw new StageException(
          "%s: its image is %d x %d pixels, its trainId image %d x %d; they do not belong together"
              .formatted(
                  item.getId(), image.width(), image.height(), label.width(), label.height()));
    }
  }

  private void count(String id, GreyImage label) throws StageException {
    for (byte value : label.pixels()) {
      valuePixels[value & 0xff]++;
    }
    for (int value = CityscapesLabels.VOID_CLASS; value < CityscapesLabels.VOID_TRAIN_ID; value++) {
      if (valuePixels[value] != 0) {
        throw new StageException(
            "%s: its trainId image has %d pixels of value %d; trainIds are 0 to 18, and 255 for void"
                .formatted(id, valuePixels[value], value));
      }
    }
  }

  private ShardManifest manifest(ArtifactRef file) {
    ShardManifest.Builder manifest = ShardManifest.newBuilder().setFile(file);
    for (ImageItem item : work.getImagesList()) {
      manifest.addItemIds(item.getId());
    }
    for (int trainId = 0; trainId < CityscapesLabels.VOID_CLASS; trainId++) {
      manifest.addClassPixels(valuePixels[trainId]);
    }
    return manifest.addClassPixels(valuePixels[CityscapesLabels.VOID_TRAIN_ID]).build();
  }
}
