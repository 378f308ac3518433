package io.cityseg.shards;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class TFRecordTest {
  /** Golden bytes: a bitwise CRC-32C in Python, masked as TensorFlow's record_writer.h says. */
  @Test
  void write_whenOneRecord_givesItsFrame() throws IOException {
    assertThat(HexFormat.of().formatHex(file("abc")))
        .isEqualTo("0300000000000000b099490e6162636e57f121");
  }

  @Test
  void next_whenWrittenBefore_givesSameRecords() throws IOException {
    byte[] file = file("abc", "", "defg");
    try (var reader = reader(file, file.length)) {
      assertThat(reader.next()).hasValue("abc".getBytes(UTF_8));
      assertThat(reader.next()).hasValue(new byte[0]);
      assertThat(reader.next()).hasValue("defg".getBytes(UTF_8));
      assertThat(reader.next()).isEmpty();
      assertThat(reader.records()).isEqualTo(3);
    }
  }

  @Test
  void next_whenCutAnywhere_saysRecordAndByte() throws IOException {
    byte[] file = file("abc", "defg");
    for (int length = 20; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      try (var reader = reader(cut, length)) {
        assertThat(reader.next()).isPresent();
        assertThatThrownBy(reader::next)
            .as("cut after %d bytes", length)
            .isInstanceOf(DamagedShardException.class)
            .hasMessageStartingWith("s.tfrecord is damaged: record 1 at byte 19: ")
            .hasMessageContaining("truncated");
      }
    }
  }

  @Test
  void next_whenAnyByteIsChanged_throws() throws IOException {
    byte[] file = file("abc");
    for (int at = 0; at < file.length; at++) {
      byte[] changed = file.clone();
      changed[at] ^= 1;
      try (var reader = reader(changed, changed.length)) {
        assertThatThrownBy(reader::next)
            .as("byte %d changed", at)
            .isInstanceOf(DamagedShardException.class)
            .hasMessageStartingWith("s.tfrecord is damaged: record 0 at byte 0: the checksum of ");
      }
    }
  }

  @Test
  void next_whenLengthIsAbsurd_throwsBeforeAllocating() throws IOException {
    try (var reader = reader(frame(-1L), 12)) {
      assertThatThrownBy(reader::next)
          .hasMessageContaining("it claims 18446744073709551615 bytes, at most 268435456 can be");
    }
    try (var reader = reader(frame(200 << 20), 12)) {
      assertThatThrownBy(reader::next)
          .hasMessageContaining("its data takes 209715200 bytes")
          .hasMessageContaining("truncated: 0 are left");
    }
  }

  @Test
  void next_whenStreamEndsBeforeItsSize_throws() throws IOException {
    try (var reader = reader(file("abc"), 1000)) {
      assertThat(reader.next()).isPresent();
      assertThatThrownBy(reader::next).hasMessageContaining("ended after 0 of the 12 bytes");
    }
  }

  private static byte[] frame(long length) {
    ByteBuffer frame = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    return frame.putInt(Framing.maskedCrc(frame.array(), 0, 8)).array();
  }

  private static byte[] file(String... records) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var writer = new TFRecordWriter(out)) {
      for (String record : records) {
        writer.write(record.getBytes(UTF_8));
      }
    }
    return out.toByteArray();
  }

  private static TFRecordReader reader(byte[] file, long size) {
    return new TFRecordReader(new ByteArrayInputStream(file), size, "s.tfrecord");
  }
}
