package io.cityseg.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** The formats that weights come in, told by a file's first bytes: a blob has no name. */
enum FileFormat {
  SAFETENSORS,
  TORCH_ZIP,
  TORCH_LEGACY,
  UNKNOWN;

  private static final int HEAD = 9;
  private static final int PICKLE_PROTOCOL = 0x80;
  private static final int MAX_PROTOCOL = 5;

  /** The format of a file; its content may still turn out to be damaged. */
  static FileFormat of(FileChannel channel) throws IOException {
    ByteBuffer head = FileBytes.read(channel, 0, HEAD);
    int length = head.remaining();
    // the header's length, and its first character
    if (length == HEAD && head.getLong(0) <= SafetensorsHeader.MAX_BYTES && head.getLong(0) > 0) {
      return SAFETENSORS;
    }
    if (length >= 2 && head.get(0) == 'P' && head.get(1) == 'K') {
      return TORCH_ZIP;
    }
    // torch.save writes pickles of protocol 2 or later, which begin so; older ones begin with text
    boolean pickle =
        length >= 2 && (head.get(0) & 0xFF) == PICKLE_PROTOCOL && head.get(1) <= MAX_PROTOCOL;
    return pickle ? TORCH_LEGACY : UNKNOWN;
  }
}
