package io.cityseg.shards;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.cityseg.proto.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardReaderTest {
  private static final Example EXAMPLE =
      Example.newBuilder()
          .setId("a")
          .setHeight(1)
          .setWidth(2)
          .setImage(ByteString.copyFrom(new byte[] {1, 2, 3, 4, 5, 6}))
          .setLabel(ByteString.copyFrom(new byte[] {0, -1}))
          .build();

  @TempDir Path folder;

  @Test
  void next_whenShardIsSound_givesItsExamples() throws IOException {
    Example second = EXAMPLE.toBuilder().setId("b").build();
    try (var reader = ShardReader.open(shard(EXAMPLE.toByteArray(), second.toByteArray()))) {
      assertThat(reader.next()).hasValue(EXAMPLE);
      assertThat(reader.next()).hasValue(second);
      assertThat(reader.next()).isEmpty();
    }
  }

  @Test
  void next_whenRecordIsNoExample_throws() throws IOException {
    try (var reader = ShardReader.open(shard("no message".getBytes(UTF_8)))) {
      assertThatThrownBy(reader::next)
          .isInstanceOf(DamagedShardException.class)
          .hasMessageContaining("train.tfrecord: record 0 is no example: ");
    }
  }

  @Test
  void next_whenPixelsAreMissing_saysHowMany() throws IOException {
    Example bad = EXAMPLE.toBuilder().setLabel(ByteString.EMPTY).build();
    try (var reader = ShardReader.open(shard(EXAMPLE.toByteArray(), bad.toByteArray()))) {
      assertThat(reader.next()).isPresent();
      assertThatThrownBy(reader::next)
          .isInstanceOf(DamagedShardException.class)
          .hasMessageContaining(
              "record 1 (a) says 2 x 1 pixels, its image has 6 bytes and its label 0");
    }
  }

  private Path shard(byte[]... records) throws IOException {
    Path file = folder.resolve("train.tfrecord");
    try (var writer = new TFRecordWriter(Files.newOutputStream(file))) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
    return file;
  }
}
