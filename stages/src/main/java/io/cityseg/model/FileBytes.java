package io.cityseg.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** Some bytes of a file. */
final class FileBytes {
  private FileBytes() {}

  /** The bytes from a place on, for little-endian reading; fewer where the file ends before. */
  static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    int read;
    do {
      read = channel.read(bytes, at + bytes.position());
    } while (read >= 0 && bytes.hasRemaining());
    return bytes.flip();
  }
}
