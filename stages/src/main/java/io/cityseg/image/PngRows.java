package io.cityseg.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * Writes PNG files of label images, without the native library: what loading it costs is the time
 * of a hundred such images (PNG specification, third edition, 9 and 10). Thread-safe.
 */
final class PngRows {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private PngRows() {}

  /**
   * A PNG file. Every row but the first holds its differences to the row above: in label images
   * nearly all are zero.
   *
   * @param colorType the number of the colour type: 0 grey, 6 RGB with alpha
   * @param pixels bytes of the pixels, row by row
   */
  static byte[] encode(int height, int width, int bitDepth, int colorType, byte[] pixels) {
    int stride = pixels.length / height;
    byte[] rows = new byte[height * (stride + 1)];
    System.arraycopy(pixels, 0, rows, 1, stride);
    for (int y = 1; y < height; y++) {
      int to = y * (stride + 1);
      int from = y * stride;
      rows[to] = PngFilters.UP;
      for (int i = 0; i < stride; i++) {
        rows[to + 1 + i] = (byte) (pixels[from + i] - pixels[from - stride + i]);
      }
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream(1 << 16);
    file.writeBytes(SIGNATURE);
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    header.put((byte) bitDepth).put((byte) colorType);
    chunk(file, "IHDR", header.array());
    chunk(file, "IDAT", RunDeflater.deflate(rows));
    chunk(file, "IEND", new byte[0]);
    return file.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream file, String type, byte[] content) {
    byte[] name = type.getBytes(StandardCharsets.ISO_8859_1);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(content);
    file.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
    file.writeBytes(name);
    file.writeBytes(content);
    file.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }
}
