package io.cityseg.image;

import java.util.zip.DataFormatException;

/**
 * Reads label images one after the other into memory that it keeps: thousands of pictures of one
 * size take the memory of one. What a call returns is overwritten by the reader's next call of the
 * same method. For one thread.
 */
public final class LabelPngReader {
  private static final byte[] NOTHING = new byte[0];

  /** Memory that is larger than needed by this factor is not kept. */
  private static final int MOST_UNUSED = 4;

  private final RunInflater inflater = new RunInflater();
  private byte[] rows = NOTHING;
  private byte[] bytes = NOTHING;
  private byte[] pairs = NOTHING;

  /** Takes memory when it reads. */
  public LabelPngReader() {}

  /**
   * As {@link LabelPng#decode}.
   *
   * @throws ImageException when the file is damaged, too large, or of another kind
   */
  public GreyImage read(byte[] png, String name) throws ImageException {
    PngFile file = PngFile.read(png, name);
    boolean palette = file.header().colorType() == ColorType.PALETTE;
    PngHeader header = require(file, 8, palette ? ColorType.PALETTE : ColorType.GREY, name);
    bytes = decode(file, 1, bytes, name);
    return new GreyImage(header.height(), header.width(), bytes);
  }

  /**
   * The numbers in a 16-bit grey file, two bytes each, as the file has them.
   *
   * @throws ImageException when the file is damaged, too large, or of another kind
   */
  public Grey16Bytes read16(byte[] png, String name) throws ImageException {
    PngFile file = PngFile.read(png, name);
    PngHeader header = require(file, 16, ColorType.GREY, name);
    pairs = decode(file, Short.BYTES, pairs, name);
    return new Grey16Bytes(header.height(), header.width(), pairs);
  }

  /** An array of exactly the pixels' size: the one given, when it fits. */
  private byte[] decode(PngFile file, int pixelBytes, byte[] last, String name)
      throws ImageException {
    int height = file.header().height();
    int stride = file.header().width() * pixelBytes;
    int size = height * (stride + 1);
    if (rows.length < size || rows.length / MOST_UNUSED > size) {
      rows = NOTHING; // two of them at once are not needed
      rows = new byte[size];
    }
    byte[] pixels = last.length == height * stride ? last : new byte[height * stride];
    inflate(file, size, name);
    for (int y = 0; y < height; y++) {
      int from = y * (stride + 1);
      int filter = rows[from] & 0xff;
      if (filter > PngFilters.PAETH) {
        throw new ImageException(
            "%s is damaged: row %d has the filter %d (must be 0 to 4); fetch it again"
                .formatted(name, y, filter));
      }
      PngFilters.undo(filter, rows, from + 1, pixels, y * stride, stride, y == 0, pixelBytes);
    }
    return pixels;
  }

  private void inflate(PngFile file, int size, String name) throws ImageException {
    try {
      inflater.inflate(file.compressed(), rows, size);
    } catch (RunInflater.LengthException e) {
      throw new ImageException(
          "%s is damaged: its compressed image data does not end after %d bytes; fetch it again"
              .formatted(name, size),
          e);
    } catch (DataFormatException e) {
      throw new ImageException(
          "%s is damaged: its compressed image data cannot be decoded (%s); fetch it again"
              .formatted(name, e.getMessage()),
          e);
    }
  }

  private static PngHeader require(PngFile file, int bitDepth, ColorType wanted, String name)
      throws ImageException {
    PngHeader header = file.header();
    if (header.bitDepth() != bitDepth || header.colorType() != wanted) {
      throw new ImageException(
          "%s holds %s pixels; %d-bit grey is needed, so convert it"
              .formatted(name, header.format(), bitDepth));
    }
    if (file.interlaced()) {
      throw new ImageException(name + " is interlaced; write it again without");
    }
    return header;
  }
}
