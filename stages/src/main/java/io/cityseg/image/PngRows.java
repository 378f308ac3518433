package io.cityseg.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * PNG files of label images, without the native library: what loading it costs is the time of a
 * hundred such images. Rows are whole bytes and not interlaced (PNG specification, third edition, 9
 * and 10). Thread-safe.
 */
final class PngRows {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int NONE = 0;
  private static final int SUB = 1;
  private static final int UP = 2;
  private static final int AVERAGE = 3;
  private static final int PAETH = 4;

  private PngRows() {}

  /**
   * The bytes of a file's pixels, row by row.
   *
   * @param pixelBytes bytes of a pixel
   * @param name the file, for messages
   */
  static byte[] decode(PngFile file, int pixelBytes, String name) throws ImageException {
    int height = file.header().height();
    int stride = file.header().width() * pixelBytes;
    byte[] rows = inflate(file.compressed(), height * (stride + 1), name);
    byte[] pixels = new byte[height * stride];
    for (int y = 0; y < height; y++) {
      int from = y * (stride + 1);
      int to = y * stride;
      System.arraycopy(rows, from + 1, pixels, to, stride);
      int above = y == 0 ? -1 : to - stride;
      switch (rows[from]) {
        case NONE -> {}
        case SUB -> addLeft(pixels, to, stride, pixelBytes);
        case UP -> addAbove(pixels, to, stride, above);
        case AVERAGE -> addAverage(pixels, to, stride, above, pixelBytes);
        case PAETH -> addPaeth(pixels, to, stride, above, pixelBytes);
        default ->
            throw new ImageException(
                "%s is damaged: row %d has the filter %d (must be 0 to 4); fetch it again"
                    .formatted(name, y, rows[from] & 0xff));
      }
    }
    return pixels;
  }

  private static byte[] inflate(byte[] compressed, int size, String name) throws ImageException {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(compressed);
      byte[] rows = new byte[size];
      int length = inflater.inflate(rows);
      // One more byte makes the inflater read the checksum.
      int more = inflater.finished() ? 0 : inflater.inflate(new byte[1]);
      if (length < size || more > 0 || !inflater.finished()) {
        throw new ImageException(
            "%s is damaged: its compressed image data does not end after %d bytes; fetch it again"
                .formatted(name, size));
      }
      return rows;
    } catch (DataFormatException e) {
      throw new ImageException(
          "%s is damaged: its compressed image data cannot be decoded (%s); fetch it again"
              .formatted(name, e.getMessage()),
          e);
    } finally {
      inflater.end();
    }
  }

  private static void addLeft(byte[] pixels, int at, int stride, int pixelBytes) {
    for (int i = at + pixelBytes; i < at + stride; i++) {
      pixels[i] += pixels[i - pixelBytes];
    }
  }

  private static void addAbove(byte[] pixels, int at, int stride, int above) {
    if (above >= 0) {
      for (int i = 0; i < stride; i++) {
        pixels[at + i] += pixels[above + i];
      }
    }
  }

  private static void addAverage(byte[] pixels, int at, int stride, int above, int pixelBytes) {
    for (int i = 0; i < stride; i++) {
      int left = i < pixelBytes ? 0 : pixels[at + i - pixelBytes] & 0xff;
      int up = above < 0 ? 0 : pixels[above + i] & 0xff;
      pixels[at + i] += (byte) ((left + up) / 2);
    }
  }

  private static void addPaeth(byte[] pixels, int at, int stride, int above, int pixelBytes) {
    for (int i = 0; i < stride; i++) {
      int left = i < pixelBytes ? 0 : pixels[at + i - pixelBytes] & 0xff;
      int up = above < 0 ? 0 : pixels[above + i] & 0xff;
      int corner = i < pixelBytes || above < 0 ? 0 : pixels[above + i - pixelBytes] & 0xff;
      int toLeft = Math.abs(up - corner);
      int toUp = Math.abs(left - corner);
      int toCorner = Math.abs(left + up - 2 * corner);
      int nearest = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
      pixels[at + i] += (byte) nearest;
    }
  }

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
      rows[to] = UP;
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
