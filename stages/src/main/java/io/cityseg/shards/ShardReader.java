package io.cityseg.shards;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.cityseg.image.ImageSize;
import io.cityseg.image.RgbImage;
import io.cityseg.proto.Example;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads the examples of a shard file one after the other: one is in memory at a time. Not
 * thread-safe.
 */
public final class ShardReader implements Closeable {
  private final TFRecordReader records;
  private final Path file;

  private ShardReader(TFRecordReader records, Path file) {
    this.records = records;
    this.file = file;
  }

  /** A reader that stands before the first example. */
  public static ShardReader open(Path file) throws IOException {
    return new ShardReader(TFRecordReader.open(file), file);
  }

  /**
   * The next example, its image and label as long as its size says; nothing at the end.
   *
   * @throws DamagedShardException when the record is damaged, cut off, or no example
   */
  public Optional<Example> next() throws IOException {
    Optional<byte[]> record = records.next();
    if (record.isEmpty()) {
      return Optional.empty();
    }
    Example example = parse(record.get());
    long pixels = (long) example.getHeight() * example.getWidth();
    if (ImageSize.problem(example.getHeight(), example.getWidth()).isPresent()
        || example.getImage().size() != pixels * RgbImage.CHANNELS
        || example.getLabel().size() != pixels) {
      throw new DamagedShardException(
          "%s: record %d (%s) says %d x %d pixels, its image has %d bytes and its label %d"
              .formatted(
                  file,
                  records.records() - 1,
                  example.getId(),
                  example.getWidth(),
                  example.getHeight(),
                  example.getImage().size(),
                  example.getLabel().size()));
    }
    return Optional.of(example);
  }

  @Override
  public void close() throws IOException {
    records.close();
  }

  /** The example's pixels are the record's own bytes: nobody else holds these. */
  private Example parse(byte[] record) throws IOException {
    CodedInputStream in = UnsafeByteOperations.unsafeWrap(record).newCodedInput();
    in.enableAliasing(true);
    try {
      return Example.parseFrom(in);
    } catch (InvalidProtocolBufferException e) {
      throw new DamagedShardException(
          "%s: record %d is no example: %s".formatted(file, records.records() - 1, e.getMessage()),
          e);
    }
  }
}
