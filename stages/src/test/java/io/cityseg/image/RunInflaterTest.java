package io.cityseg.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;

/** The JDK's own zlib says what is right. */
class RunInflaterTest {
  private final RunInflater inflater = new RunInflater();

  @Test
  void inflate_whenZlibWroteIt_givesTheContent() throws Exception {
    Random random = new Random(1);
    int[] strategies = {Deflater.DEFAULT_STRATEGY, Deflater.FILTERED, Deflater.HUFFMAN_ONLY};
    for (int n = 0; n < 400; n++) {
      byte[] content = content(random, random.nextInt(n % 40 == 0 ? 300_000 : 4000));
      byte[] stream = deflate(content, n % 10, strategies[n % 3]);
      assertThat(inflated(stream, content.length))
          .as("content %d", n)
          .contains(ByteBuffer.wrap(content));
    }
  }

  /** Whatever is flipped, both refuse, or both give the same bytes. */
  @Test
  void inflate_whenStreamIsDamaged_saysWhatZlibSays() {
    Random random = new Random(2);
    int accepted = 0;
    for (int n = 0; n < 20_000; n++) {
      byte[] content = content(random, random.nextInt(400));
      byte[] stream = deflate(content, n % 10, Deflater.DEFAULT_STRATEGY);
      int flips = random.nextInt(3);
      for (int i = 0; i < flips; i++) {
        // the first bytes say most; half of the streams keep their checksum
        int place = random.nextInt(n % 2 == 0 ? stream.length : Math.min(60, stream.length));
        stream[place] ^= (byte) (1 << random.nextInt(8));
      }
      stream = random.nextInt(8) == 0 ? Arrays.copyOf(stream, random.nextInt(99)) : stream;
      Optional<ByteBuffer> expected = inflatedByZlib(stream, content.length);
      assertThat(inflated(stream, content.length)).as("stream %d", n).isEqualTo(expected);
      accepted += expected.isPresent() ? 1 : 0;
    }
    assertThat(accepted).as("sound streams among them").isBetween(4000, 16_000);
  }

  /** Without a checksum to stop at: random blocks reach the codes' own rules. */
  @Test
  void inflate_whenBlocksAreRandom_refusesThemAsZlibDoes() {
    Random random = new Random(3);
    for (int n = 0; n < 30_000; n++) {
      byte[] stream = new byte[2 + random.nextInt(200)];
      random.nextBytes(stream);
      stream[0] = 0x78;
      stream[1] = 0x01;
      stream[2 % stream.length] &= (byte) (n % 2 == 0 ? 0xfd : 0xff);
      int size = random.nextInt(300);
      assertThat(inflated(stream, size).isPresent())
          .as("stream %d", n)
          .isEqualTo(inflatedByZlib(stream, size).isPresent());
    }
  }

  @Test
  void inflate_whenLengthDiffers_saysSo() {
    byte[] stream = deflate(new byte[1000], 9, Deflater.DEFAULT_STRATEGY);
    for (int size : new int[] {0, 999, 1001}) {
      assertThatThrownBy(() -> inflater.inflate(stream, new byte[size], size))
          .isInstanceOf(RunInflater.LengthException.class);
    }
    for (int length = 0; length < stream.length; length++) {
      byte[] cut = Arrays.copyOf(stream, length);
      assertThatThrownBy(() -> inflater.inflate(cut, new byte[1000], 1000))
          .as("%d bytes", length)
          .isInstanceOf(RunInflater.LengthException.class);
    }
  }

  private Optional<ByteBuffer> inflated(byte[] stream, int size) {
    byte[] out = new byte[size];
    try {
      inflater.inflate(stream, out, size);
      return Optional.of(ByteBuffer.wrap(out));
    } catch (DataFormatException | RunInflater.LengthException e) {
      return Optional.empty();
    }
  }

  private static Optional<ByteBuffer> inflatedByZlib(byte[] stream, int size) {
    Inflater zlib = new Inflater();
    try {
      zlib.setInput(stream);
      byte[] out = new byte[size];
      int length = size == 0 ? 0 : zlib.inflate(out);
      int more = zlib.finished() ? 0 : zlib.inflate(new byte[1]);
      return length == size && more == 0 && zlib.finished()
          ? Optional.of(ByteBuffer.wrap(out))
          : Optional.empty();
    } catch (DataFormatException e) {
      return Optional.empty();
    } finally {
      zlib.end();
    }
  }

  /** Runs, repeated stretches and noise of few or many values. */
  private static byte[] content(Random random, int length) {
    byte[] content = new byte[length];
    int values = 1 + random.nextInt(256);
    double repeated = random.nextDouble();
    for (int i = 0; i < length; ) {
      int back = 1 + random.nextInt(Math.max(1, Math.min(i, random.nextInt(40_000) + 1)));
      if (i > 0 && random.nextDouble() < repeated) {
        for (int end = Math.min(length, i + 3 + random.nextInt(600)); i < end; i++) {
          content[i] = content[i - Math.min(back, i)];
        }
      } else {
        content[i++] = (byte) random.nextInt(values);
      }
    }
    return content;
  }

  private static byte[] deflate(byte[] content, int level, int strategy) {
    Deflater deflater = new Deflater(level);
    deflater.setStrategy(strategy);
    deflater.setInput(content);
    deflater.finish();
    byte[] buffer = new byte[content.length + content.length / 100 + 1000];
    int length = 0;
    while (!deflater.finished()) { // a strategy that changes ends an empty block first
      length += deflater.deflate(buffer, length, buffer.length - length);
    }
    deflater.end();
    return Arrays.copyOf(buffer, length);
  }
}
