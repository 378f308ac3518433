package io.cityseg.model;

import io.cityseg.stage.StageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Writes a state dict as torch.save does since torch 1.6: a zip archive of stored entries, every
 * storage at a multiple of 64 bytes so that it can be mapped.
 *
 * <p>{@code torch.load(weights_only=True)} reads it as an OrderedDict of contiguous tensors. The
 * same tensors give the same bytes: entries carry no time.
 */
final class TorchFileWriter {
  private static final int ALIGNMENT = 64;
  private static final int LOCAL_BYTES = 30;
  private static final int CENTRAL_BYTES = 46;
  private static final int END_BYTES = 22;

  /** "FB", the extra field that torch pads with. */
  private static final short PADDING = 0x4246;

  private static final int PADDING_HEADER = 4;
  private static final short ZIP_VERSION = 20;

  /** The first of January 1980, the earliest day that the format knows. */
  private static final short DATE = 0x21;

  private static final long MAX_OFFSET = 0xFFFFFFFFL;
  private static final String FOLDER = "archive/";

  private final FileChannel channel;
  private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
  private int entries;

  private TorchFileWriter(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Writes tensors to a file, in the map's order, and has it on the disk when it returns. The file
   * is written in place: whoever needs it whole or not at all writes to a temporary one and moves
   * it.
   *
   * @throws StageException when the file cannot be written, or would be beyond 4 GB
   */
  static void write(Path file, Map<String, Tensor> tensors) throws StageException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      new TorchFileWriter(channel).write(tensors);
      channel.force(true);
    } catch (IOException e) {
      throw new StageException("Cannot write tensors to " + file + ": " + e.getMessage(), e);
    }
  }

  private void write(Map<String, Tensor> tensors) throws IOException {
    entry(TorchArchive.PICKLE, ByteBuffer.wrap(TorchPickle.of(tensors)));
    entry(TorchArchive.BYTE_ORDER, text("little"));
    int key = 0;
    for (Tensor tensor : tensors.values()) {
      entry(TorchArchive.STORAGES + key++, tensor.bytes());
    }
    // the version of torch's archives, not of torch
    entry("version", text("3\n"));
    end();
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void entry(String name, ByteBuffer bytes) throws IOException {
    byte[] path = (FOLDER + name).getBytes(StandardCharsets.UTF_8);
    long at = position();
    long unpadded = at + LOCAL_BYTES + path.length + PADDING_HEADER;
    int padding = (int) (-unpadded & (ALIGNMENT - 1));
    CRC32 crc = new CRC32();
    crc.update(bytes.duplicate());
    ByteBuffer common = buffer(26);
    common.putShort(ZIP_VERSION).putShort((short) 0).putShort((short) 0);
    common.putShort((short) 0).putShort(DATE).putInt((int) crc.getValue());
    common.putInt(bytes.remaining()).putInt(bytes.remaining()).putShort((short) path.length);
    common.flip();

    ByteBuffer local = buffer(LOCAL_BYTES + path.length + PADDING_HEADER + padding);
    local.putInt(StoredZip.LOCAL_SIGNATURE).put(common.duplicate());
    local.putShort((short) (PADDING_HEADER + padding)).put(path);
    local.putShort(PADDING).putShort((short) padding);
    while (local.hasRemaining()) {
      local.put((byte) 'Z');
    }
    writeFully(local.flip());
    writeFully(bytes);

    byte[] record = new byte[CENTRAL_BYTES + path.length];
    ByteBuffer central = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
    central.putInt(StoredZip.CENTRAL_SIGNATURE).putShort(ZIP_VERSION).put(common.duplicate());
    // no extra field, comment, disk number or attributes
    central.position(CENTRAL_BYTES - Integer.BYTES);
    central.putInt((int) at).put(path);
    directory.writeBytes(record);
    entries++;
  }

  private void end() throws IOException {
    long at = position();
    ByteBuffer end = buffer(END_BYTES);
    end.putInt(StoredZip.END_SIGNATURE).putInt(0);
    end.putShort((short) entries).putShort((short) entries);
    end.putInt(directory.size()).putInt((int) at).putShort((short) 0);
    writeFully(ByteBuffer.wrap(directory.toByteArray()));
    writeFully(end.flip());
  }

  private long position() throws IOException {
    long at = channel.position();
    if (at >= MAX_OFFSET) {
      throw new IOException("a .pth file is at most 4 GB here; write a .safetensors file");
    }
    return at;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
