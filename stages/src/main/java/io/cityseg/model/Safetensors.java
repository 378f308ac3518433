package io.cityseg.model;

import io.cityseg.stage.StageException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads and writes safetensors files: the length of a JSON header (8 bytes, little-endian), the
 * header, and the tensors' bytes (the format: huggingface/safetensors).
 *
 * <p>Tensors are mapped or written one at a time, so that a file never sits in the Java heap. A
 * single tensor is at most 2 GB (2^31 - 1 bytes); files may be longer.
 */
public final class Safetensors {
  private static final int LENGTH_BYTES = 8;

  private Safetensors() {}

  /**
   * Reads a file's tensors, in the order of its header. Their bytes are read-only views of the
   * file, which must not change while they are in use.
   *
   * @throws StageException when the file cannot be read or breaks a rule of the format
   */
  public static Map<String, Tensor> read(Path file) throws StageException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long fileBytes = channel.size();
      long headerBytes = headerBytes(file, channel, fileBytes);
      ByteBuffer header = ByteBuffer.allocate(Math.toIntExact(headerBytes));
      readFully(channel, header, LENGTH_BYTES);
      long dataAt = LENGTH_BYTES + headerBytes;
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (SafetensorsHeader.Entry entry :
          SafetensorsHeader.parse(header.array(), fileBytes - dataAt)) {
        tensors.put(entry.name(), mapped(channel, entry, dataAt));
      }
      return Collections.unmodifiableMap(tensors);
    } catch (NoSuchFileException e) {
      throw new StageException("Cannot read tensors from " + file + ": there is no such file", e);
    } catch (IOException e) {
      throw new StageException("Cannot read tensors from " + file + ": " + e.getMessage(), e);
    } catch (StageException e) {
      throw new StageException(
          "Cannot read tensors from " + file + ": " + e.getMessage() + "; get the file anew", e);
    }
  }

  private static long headerBytes(Path file, FileChannel channel, long fileBytes)
      throws IOException, StageException {
    if (fileBytes < LENGTH_BYTES) {
      throw new StageException("it has " + fileBytes + " bytes, too few for a safetensors file");
    }
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, length, 0);
    long headerBytes = length.getLong(0);
    if (headerBytes < 0 || headerBytes > SafetensorsHeader.MAX_BYTES) {
      throw new StageException(
          "it names a header of %s bytes (must be at most %d); %s is hardly a safetensors file"
              .formatted(
                  Long.toUnsignedString(headerBytes),
                  SafetensorsHeader.MAX_BYTES,
                  file.getFileName()));
    }
    if (headerBytes > fileBytes - LENGTH_BYTES) {
      throw new StageException(
          "it names a header of %d bytes and has %d after its length: the file is cut short"
              .formatted(headerBytes, fileBytes - LENGTH_BYTES));
    }
    return headerBytes;
  }

  private static Tensor mapped(FileChannel channel, SafetensorsHeader.Entry entry, long dataAt)
      throws IOException, StageException {
    long bytes = entry.end() - entry.begin();
    if (bytes > Integer.MAX_VALUE) {
      throw new StageException(
          "tensor '%s' has %d bytes (must be at most %d)"
              .formatted(entry.name(), bytes, Integer.MAX_VALUE));
    }
    ByteBuffer view = channel.map(MapMode.READ_ONLY, dataAt + entry.begin(), bytes);
    return new Tensor(entry.dtype(), entry.shape(), view::duplicate);
  }

  /**
   * Writes tensors to a file, in the map's order, and has it on the disk when it returns. The same
   * tensors give the same bytes. The file is written in place: whoever needs it whole or not at all
   * writes to a temporary one and moves it.
   *
   * @throws StageException when the file cannot be written
   */
  public static void write(Path file, Map<String, Tensor> tensors) throws StageException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      byte[] header = SafetensorsHeader.format(tensors);
      ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      writeFully(channel, length.putLong(0, header.length));
      writeFully(channel, ByteBuffer.wrap(header));
      for (Tensor tensor : tensors.values()) {
        writeFully(channel, tensor.bytes());
      }
      channel.force(true);
    } catch (IOException e) {
      throw new StageException("Cannot write tensors to " + file + ": " + e.getMessage(), e);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static void readFully(FileChannel channel, ByteBuffer into, long from)
      throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into, from + into.position()) < 0) {
        throw new EOFException("it ends at byte " + (from + into.position()));
      }
    }
  }
}
