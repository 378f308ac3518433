package io.cityseg.report;

import com.google.protobuf.ByteString;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.Example;
import io.cityseg.proto.ShardManifest;
import io.cityseg.shards.TFRecordWriter;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Streets drawn with rectangles.
 *
 * @param height pixels
 * @param width pixels
 */
record MadeUpPictures(int height, int width) {
  private static final int SKY = 10;
  private static final int BUILDING = 2;
  private static final int ROAD = 0;
  private static final int CAR = 13;

  /** A shard of one street per id. */
  ShardManifest shard(ArtifactStore store, List<String> ids) throws StoreException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (TFRecordWriter out = new TFRecordWriter(file)) {
      for (String id : ids) {
        out.write(example(id).toByteArray());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ShardManifest.newBuilder()
        .setFile(store.put("tfrecord", file.toByteArray()))
        .addAllItemIds(ids)
        .build();
  }

  /** A prediction for a street that is right but for the top rows. */
  ArtifactRef prediction(ArtifactStore store, String id, int wrongRows) throws StoreException {
    byte[] classes = street(id);
    for (int i = 0; i < wrongRows * width; i++) {
      classes[i] = CAR;
    }
    return png(store, classes);
  }

  ArtifactRef png(ArtifactStore store, byte[] classes) throws StoreException {
    return store.put("png", ImageCodec.encodePng(new GreyImage(height, width, classes)));
  }

  private Example example(String id) {
    byte[] classes = street(id);
    byte[] image = new byte[3 * classes.length];
    byte[] label = classes.clone();
    for (int i = 0; i < classes.length; i++) {
      int colour = CityscapesLabels.classColor(classes[i]);
      int shade = (i % width) * 40 / width;
      image[3 * i] = (byte) Math.min(255, (colour >> 16) / 2 + 60 + shade);
      image[3 * i + 1] = (byte) Math.min(255, (colour >> 8 & 255) / 2 + 60 + shade);
      image[3 * i + 2] = (byte) Math.min(255, (colour & 255) / 2 + 60 + shade);
      if (classes[i] == CityscapesLabels.VOID_CLASS) {
        label[i] = (byte) CityscapesLabels.VOID_TRAIN_ID;
      }
    }
    return Example.newBuilder()
        .setId(id)
        .setHeight(height)
        .setWidth(width)
        .setImage(ByteString.copyFrom(image))
        .setLabel(ByteString.copyFrom(label))
        .build();
  }

  private byte[] street(String id) {
    int shift = Math.floorMod(id.hashCode(), Math.max(1, width / 2));
    byte[] classes = new byte[height * width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        boolean car =
            y > height * 5 / 9 && y < height * 7 / 9 && x > shift && x < shift + width / 5;
        int ground = y < height / 2 ? (x + shift) % 97 < 60 ? BUILDING : SKY : ROAD;
        int withCar = car ? CAR : ground;
        classes[y * width + x] =
            (byte) (y >= height * 17 / 18 ? CityscapesLabels.VOID_CLASS : withCar);
      }
    }
    return classes;
  }
}
