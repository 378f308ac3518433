package io.cityseg.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes PNG files chunk by chunk, sound ones and broken ones. */
public final class PngBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public PngBytes() {
    out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
  }

  /** An 8-bit grey file whose rows are not filtered. */
  public static byte[] grey(int width, int height, byte[] pixels) {
    return new PngBytes()
        .header(width, height, 8, 0)
        .chunk("IDAT", deflate(rows(width, height, pixels)))
        .chunk("IEND")
        .toByteArray();
  }

  /** An 8-bit grey file of one pixel whose header claims another size. */
  public static byte[] claiming(int width, int height) {
    return new PngBytes()
        .header(width, height, 8, 0)
        .chunk("IDAT", deflate(new byte[2]))
        .chunk("IEND")
        .toByteArray();
  }

  /** An 8-bit grey file of zeros. */
  public static byte[] bomb(int width, int height) {
    return new PngBytes()
        .header(width, height, 8, 0)
        .chunk("IDAT", zeros((long) (width + 1) * height))
        .chunk("IEND")
        .toByteArray();
  }

  /** An 8-bit grey file with 100 MB of zeros in its pixels, its text and its profile. */
  public static byte[] bombInside(int width, int height) {
    byte[] zeros = zeros(100_000_000);
    byte[] text = new byte[zeros.length + 3];
    text[0] = 'x';
    System.arraycopy(zeros, 0, text, 3, zeros.length);
    return new PngBytes()
        .header(width, height, 8, 0)
        .chunk("iCCP", text)
        .chunk("zTXt", text)
        .chunk("IDAT", zeros)
        .chunk("IEND")
        .toByteArray();
  }

  private static byte[] zeros(long count) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    Deflater deflater = new Deflater();
    byte[] part = new byte[1 << 20];
    byte[] buffer = new byte[1 << 16];
    for (long left = count; left > 0; left -= part.length) {
      deflater.setInput(part, 0, (int) Math.min(left, part.length));
      while (!deflater.needsInput()) {
        stream.write(buffer, 0, deflater.deflate(buffer));
      }
    }
    deflater.finish();
    while (!deflater.finished()) {
      stream.write(buffer, 0, deflater.deflate(buffer));
    }
    deflater.end();
    return stream.toByteArray();
  }

  /** Rows of bytes, each behind the number of its filter (0: none). */
  static byte[] rows(int stride, int height, byte[] samples) {
    byte[] rows = new byte[(stride + 1) * height];
    for (int y = 0; y < height; y++) {
      System.arraycopy(samples, y * stride, rows, y * (stride + 1) + 1, stride);
    }
    return rows;
  }

  /** A zlib stream. */
  static byte[] deflate(byte[] bytes) {
    Deflater deflater = new Deflater();
    deflater.setInput(bytes);
    deflater.finish();
    byte[] buffer = new byte[bytes.length + 64];
    int length = deflater.deflate(buffer);
    deflater.end();
    return Arrays.copyOf(buffer, length);
  }

  PngBytes header(int width, int height, int bitDepth, int colorType) {
    return chunk(
        "IHDR",
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put((byte) bitDepth)
            .put((byte) colorType)
            .array());
  }

  PngBytes chunk(String type, byte... content) {
    byte[] typeBytes = type.getBytes(ISO_8859_1);
    CRC32 crc = new CRC32();
    crc.update(typeBytes);
    crc.update(content);
    out.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
    out.writeBytes(typeBytes);
    out.writeBytes(content);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    return this;
  }

  byte[] toByteArray() {
    return out.toByteArray();
  }
}
