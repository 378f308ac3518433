package io.cityseg.train;

import com.google.protobuf.InvalidProtocolBufferException;
import io.cityseg.evaluate.Batch;
import io.cityseg.files.FileFailures;
import io.cityseg.proto.Example;
import io.cityseg.proto.ShardManifest;
import io.cityseg.proto.SplitManifest;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import io.cityseg.train.EpochOrder.Pick;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A split's examples by their place in it, read from the shards when they are wanted: at the
 * reference run's size the training split takes 9 GB.
 *
 * <p>A shard is a TFRecord file: records of length (uint64, little-endian), its checksum (4 bytes),
 * the bytes, and their checksum (4 bytes). The checksums are not looked at, because the store has
 * verified the file's digest. Safe for use by several threads.
 */
final class SplitExamples implements Examples {
  private static final int HEADER_BYTES = 12;
  private static final int FOOTER_BYTES = 4;

  private record Place(String id, Path file, long offset, int length) {}

  private final int height;
  private final int width;
  private final List<Place> places;

  private SplitExamples(int height, int width, List<Place> places) {
    this.height = height;
    this.width = width;
    this.places = List.copyOf(places);
  }

  /**
   * Finds the records of every shard.
   *
   * @throws StageException when a shard does not hold the examples that the manifest names
   */
  static SplitExamples open(SplitManifest split, ArtifactStore store)
      throws StageException, StoreException {
    List<Place> places = new ArrayList<>();
    for (ShardManifest shard : split.getShardsList()) {
      Path file = store.file(shard.getFile());
      try {
        places.addAll(places(shard, file));
      } catch (IOException e) {
        throw new StageException(
            "Cannot read shard %s of split %s: %s"
                .formatted(shard.getFile().getSha256(), split.getSplit(), e.getMessage()),
            e);
      }
    }
    return new SplitExamples(split.getHeight(), split.getWidth(), places);
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public int width() {
    return width;
  }

  /** Number of examples. */
  int items() {
    return places.size();
  }

  @Override
  public Batch.Member member(Pick pick) throws StageException {
    return new Batch.Member(read(places.get(pick.item())), pick.mirrored());
  }

  /** All examples as they are, in the split's order, in batches. */
  List<List<Pick>> inOrder(int batchSize) {
    List<List<Pick>> batches = new ArrayList<>();
    for (int from = 0; from < items(); from += batchSize) {
      List<Pick> batch = new ArrayList<>(batchSize);
      for (int item = from; item < Math.min(items(), from + batchSize); item++) {
        batch.add(new Pick(item, false));
      }
      batches.add(List.copyOf(batch));
    }
    return batches;
  }

  private static List<Place> places(ShardManifest shard, Path file) throws IOException {
    List<Place> places = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      long at = 0;
      for (String id : shard.getItemIdsList()) {
        readFully(channel, header.clear(), at);
        long length = header.getLong(0);
        if (length < 0 || length > channel.size() - at - HEADER_BYTES - FOOTER_BYTES) {
          throw new IOException("record of " + id + " claims " + length + " bytes");
        }
        places.add(new Place(id, file, at + HEADER_BYTES, Math.toIntExact(length)));
        at += HEADER_BYTES + length + FOOTER_BYTES;
      }
      if (at != channel.size()) {
        throw new IOException(
            "it has %d bytes, and its %d examples take %d"
                .formatted(channel.size(), places.size(), at));
      }
    }
    return places;
  }

  private static Example read(Place place) throws StageException {
    byte[] content = new byte[place.length()];
    try (FileChannel channel = FileChannel.open(place.file(), StandardOpenOption.READ)) {
      readFully(channel, ByteBuffer.wrap(content), place.offset());
      Example example = Example.parseFrom(content);
      if (!example.getId().equals(place.id())) {
        throw new StageException(
            "Cannot use shard %s: its manifest names %s where the file has %s"
                .formatted(place.file(), place.id(), example.getId()));
      }
      return example;
    } catch (InvalidProtocolBufferException e) {
      throw new StageException(
          "Cannot read example %s in %s: %s".formatted(place.id(), place.file(), e.getMessage()),
          e);
    } catch (IOException e) {
      throw new StageException(
          "Cannot read example %s in %s: %s; run again to fetch the shard anew"
              .formatted(place.id(), place.file(), FileFailures.reason(e)),
          e);
    }
  }

  private static void readFully(FileChannel channel, ByteBuffer into, long from)
      throws IOException {
    long at = from;
    while (into.hasRemaining()) {
      int read = channel.read(into, at);
      if (read < 0) {
        throw new EOFException("it ends at byte " + at);
      }
      at += read;
    }
  }
}
