package io.cityseg.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Walks the chunks of a PNG file (PNG specification, third edition) before anything decodes it:
 * decoders return what they could make of a damaged file, and take memory for whatever size it
 * claims.
 *
 * <p>Whether the compressed stream inside the IDAT chunks is sound is seen when it is decoded.
 */
public final class PngFile {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int CHUNK_OVERHEAD = 12;
  private static final int IHDR_BYTES = 13;

  /** No deflate stream grows by more than this factor (a match of 258 bytes in two bits). */
  private static final long MAX_DEFLATE_RATIO = 1032;

  private final byte[] content;
  private final ByteBuffer buffer;
  private final String name;
  private PngHeader header;
  private boolean palette;
  private boolean interlaced;
  private boolean dataEnded;
  private boolean ancillary;
  private long dataBytes;
  private int end;

  private PngFile(byte[] content, String name) {
    this.content = content;
    this.buffer = ByteBuffer.wrap(content);
    this.name = name;
  }

  /**
   * Checks a file's structure: signature, order and CRC of all chunks, a size within {@link
   * ImageSize}, and at least as much data as the size needs. Takes no memory for pixels. Bytes
   * after the last chunk are ignored, as every decoder does.
   *
   * @param content the whole file
   * @param name the file, for messages
   * @throws ImageException when it is not a whole PNG file
   */
  public static PngHeader check(byte[] content, String name) throws ImageException {
    return read(content, name).header;
  }

  /** As {@link #check}, for who goes on to decode the file. */
  static PngFile read(byte[] content, String name) throws ImageException {
    PngFile file = new PngFile(content, name);
    file.end = file.walk();
    return file;
  }

  PngHeader header() {
    return header;
  }

  /**
   * The file with nothing but the chunks that make pixels: what a decoder does with the others
   * (transparency, gamma, orientation, compressed text) cannot matter then.
   */
  byte[] pixelChunks() {
    if (!ancillary) {
      return content;
    }
    ByteBuffer kept = ByteBuffer.allocate(end);
    kept.put(SIGNATURE);
    for (int at = SIGNATURE.length; at < end; ) {
      int length = buffer.getInt(at) + CHUNK_OVERHEAD;
      if (isCritical(content[at + 4])) {
        kept.put(content, at, length);
      }
      at += length;
    }
    return Arrays.copyOf(kept.array(), kept.position());
  }

  /** Whether rows come in seven passes (Adam7). */
  boolean interlaced() {
    return interlaced;
  }

  /** The compressed pixels: the content of all IDAT chunks. */
  byte[] compressed() {
    ByteBuffer data = ByteBuffer.allocate((int) dataBytes);
    for (int at = SIGNATURE.length; at < end; ) {
      int length = buffer.getInt(at);
      if (new String(content, at + 4, 4, ISO_8859_1).equals("IDAT")) {
        data.put(content, at + 8, length);
      }
      at += length + CHUNK_OVERHEAD;
    }
    return data.array();
  }

  /** Returns the position behind the last chunk. */
  private int walk() throws ImageException {
    if (content.length < SIGNATURE.length
        || !Arrays.equals(content, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
      throw new ImageException(
          "%s is not a PNG file: it is %d bytes long and lacks the signature"
              .formatted(name, content.length));
    }
    int at = SIGNATURE.length;
    while (true) {
      int length = chunkLength(at);
      String type = new String(content, at + 4, 4, ISO_8859_1);
      checkCrc(at, type, length);
      if ((header == null) != type.equals("IHDR")) {
        throw damaged("the chunk at byte %d is %s; IHDR comes first and once".formatted(at, type));
      }
      take(at, type, length);
      at += length + CHUNK_OVERHEAD;
      if (type.equals("IEND")) {
        checkData();
        return at;
      }
    }
  }

  private int chunkLength(int at) throws ImageException {
    int left = content.length - at;
    if (left < CHUNK_OVERHEAD) {
      throw new ImageException(
          "%s is truncated: after byte %d a chunk must follow (IEND comes last), %d bytes are left"
              .formatted(name, at, left));
    }
    long length = Integer.toUnsignedLong(buffer.getInt(at));
    for (int i = at + 4; i < at + 8; i++) {
      int letter = content[i] & ~0x20;
      if (letter < 'A' || letter > 'Z') {
        throw damaged(
            "there is no chunk at byte %d (its type is not made of letters)".formatted(at));
      }
    }
    if (length > left - CHUNK_OVERHEAD) {
      throw new ImageException(
          "%s is truncated: chunk %s at byte %d claims %d bytes, %d are left"
              .formatted(
                  name,
                  new String(content, at + 4, 4, ISO_8859_1),
                  at,
                  length,
                  left - CHUNK_OVERHEAD));
    }
    return (int) length;
  }

  private void checkCrc(int at, String type, int length) throws ImageException {
    CRC32 crc = new CRC32();
    crc.update(content, at + 4, length + 4);
    int stored = buffer.getInt(at + 8 + length);
    if ((int) crc.getValue() != stored) {
      throw damaged(
          "chunk %s at byte %d has the CRC %08x, its content %08x"
              .formatted(type, at, stored, crc.getValue()));
    }
  }

  private void take(int at, String type, int length) throws ImageException {
    switch (type) {
      case "IHDR" -> header = readHeader(at + 8, length);
      case "PLTE" -> palette = true;
      case "IDAT" -> {
        if (dataEnded) {
          throw damaged("the IDAT chunk at byte %d does not follow the others".formatted(at));
        }
        dataBytes += length;
      }
      case "IEND" -> {}
      default -> {
        if (isCritical(content[at + 4])) {
          throw damaged(
              "the chunk %s at byte %d is unknown and marked as necessary".formatted(type, at));
        }
        ancillary = true;
      }
    }
    dataEnded = dataBytes > 0 && !type.equals("IDAT");
  }

  private PngHeader readHeader(int at, int length) throws ImageException {
    if (length != IHDR_BYTES) {
      throw damaged("its IHDR chunk has %d bytes, not %d".formatted(length, IHDR_BYTES));
    }
    long width = Integer.toUnsignedLong(buffer.getInt(at));
    long height = Integer.toUnsignedLong(buffer.getInt(at + 4));
    Optional<String> problem = ImageSize.problem(height, width);
    if (problem.isPresent()) {
      throw new ImageException("%s has %s".formatted(name, problem.get()));
    }
    int bitDepth = content[at + 8] & 0xff;
    int code = content[at + 9] & 0xff;
    Optional<ColorType> type = ColorType.ofCode(code).filter(t -> t.allows(bitDepth));
    if (type.isEmpty()) {
      throw damaged(
          "its header claims %d bits a sample of the colour type %d".formatted(bitDepth, code));
    }
    if (content[at + 10] != 0 || content[at + 11] != 0 || (content[at + 12] & ~1) != 0) {
      throw damaged(
          "its header claims compression %d, filter %d, interlace %d"
              .formatted(
                  content[at + 10] & 0xff, content[at + 11] & 0xff, content[at + 12] & 0xff));
    }
    interlaced = content[at + 12] != 0;
    return new PngHeader((int) width, (int) height, bitDepth, type.get());
  }

  private void checkData() throws ImageException {
    if (dataBytes == 0) {
      throw damaged("it has no image data (no IDAT chunk)");
    }
    if (header.colorType() == ColorType.PALETTE && !palette) {
      throw damaged("its palette is missing (no PLTE chunk)");
    }
    long bits = (long) header.bitDepth() * header.colorType().channels() * header.width();
    long needed = (bits + 7) / 8 * header.height();
    if (needed > dataBytes * MAX_DEFLATE_RATIO) {
      throw damaged(
          "%d x %d pixels need %d bytes, which %d compressed bytes cannot hold"
              .formatted(header.width(), header.height(), needed, dataBytes));
    }
  }

  private static boolean isCritical(byte firstLetter) {
    return (firstLetter & 0x20) == 0;
  }

  private ImageException damaged(String problem) {
    return new ImageException(name + " is damaged: " + problem);
  }
}
