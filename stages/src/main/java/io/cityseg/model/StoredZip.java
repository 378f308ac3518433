package io.cityseg.model;

import io.cityseg.stage.StageException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * A zip archive whose entries are stored, not compressed, as torch.save writes it (the format:
 * PKWARE's APPNOTE.TXT 6.3.10, zip64 too).
 *
 * <p>Stricter than unzip: no compressed or encrypted entry, no name twice, no name that leaves the
 * archive, no two entries over the same bytes, everything within the file. Nothing is unpacked: an
 * entry's bytes are a view of the file, whose CRC-32 has been compared.
 */
final class StoredZip {
  private static final int END_BYTES = 22;
  static final int END_SIGNATURE = 0x06054b50;
  private static final int LOCATOR_BYTES = 20;
  private static final int LOCATOR_SIGNATURE = 0x07064b50;
  private static final int END64_BYTES = 56;
  private static final int END64_SIGNATURE = 0x06064b50;
  private static final int CENTRAL_BYTES = 46;
  static final int CENTRAL_SIGNATURE = 0x02014b50;
  private static final int LOCAL_BYTES = 30;
  static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int ZIP64_EXTRA = 1;
  private static final int ENCRYPTED = 1;
  private static final int MAX_COMMENT = 0xFFFF;
  private static final long IN_ZIP64 = 0xFFFFFFFFL;
  private static final int MAX_DIRECTORY = 64 << 20;

  private final FileChannel channel;
  private final Map<String, Entry> entries;

  /** Where an entry lies: its header, its bytes, and their checksum. */
  private record Entry(String name, long headerAt, long dataAt, long size, int crc) {}

  /** Where the central directory lies. */
  private record Directory(long at, long size) {}

  private StoredZip(FileChannel channel, Map<String, Entry> entries) {
    this.channel = channel;
    this.entries = entries;
  }

  /**
   * Reads the archive's directory. The channel must stay open.
   *
   * @throws StageException whose message says what is wrong, for a caller that adds the file
   */
  static StoredZip open(FileChannel channel) throws IOException, StageException {
    Directory directory = directory(channel);
    ByteBuffer bytes = read(channel, directory.at(), Math.toIntExact(directory.size()));
    Map<String, Entry> entries = new LinkedHashMap<>();
    while (bytes.hasRemaining()) {
      Entry entry = located(channel, central(bytes));
      if (entries.putIfAbsent(entry.name(), entry) != null) {
        throw new StageException("its archive has the entry '" + entry.name() + "' twice");
      }
    }
    requireApart(entries.values().stream().toList(), directory.at());
    return new StoredZip(channel, entries);
  }

  List<String> names() {
    return List.copyOf(entries.keySet());
  }

  /**
   * An entry's bytes.
   *
   * @param size how many it must have; negative: any number up to 2^31 - 1
   */
  ByteBuffer bytes(String name, long size) throws IOException, StageException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new StageException("its archive has no entry '" + name + "'");
    }
    if ((size >= 0 && entry.size() != size) || entry.size() > Integer.MAX_VALUE) {
      throw new StageException(
          "its entry '%s' has %d bytes (must be %s)"
              .formatted(name, entry.size(), size >= 0 ? size : "at most " + Integer.MAX_VALUE));
    }
    ByteBuffer bytes = channel.map(MapMode.READ_ONLY, entry.dataAt(), entry.size());
    CRC32 crc = new CRC32();
    crc.update(bytes.duplicate());
    if ((int) crc.getValue() != entry.crc()) {
      throw new StageException(
          "its entry '%s' is damaged: its CRC-32 is %08x (must be %08x)"
              .formatted(name, crc.getValue(), entry.crc()));
    }
    return bytes;
  }

  private static Directory directory(FileChannel channel) throws IOException, StageException {
    long size = channel.size();
    int tail = (int) Math.min(size, END_BYTES + MAX_COMMENT);
    ByteBuffer end = read(channel, size - tail, tail);
    int at = tail - END_BYTES;
    while (at >= 0
        && !(end.getInt(at) == END_SIGNATURE && at + END_BYTES + u2(end, at + 20) == tail)) {
      at--;
    }
    if (at < 0) {
      throw new StageException("its archive has no end: the file is cut short");
    }
    long endAt = size - tail + at;
    Directory directory = new Directory(u4(end, at + 16), u4(end, at + 12));
    if (directory.at() == IN_ZIP64 || directory.size() == IN_ZIP64 || u2(end, at + 10) == 0xFFFF) {
      directory = directory64(channel, endAt);
    }
    if (directory.at() < 0
        || directory.size() < 0
        || directory.at() > endAt
        || directory.size() > endAt - directory.at()
        || directory.size() > MAX_DIRECTORY) {
      throw new StageException(
          "its archive has an impossible directory: %d bytes at byte %d of %d"
              .formatted(directory.size(), directory.at(), size));
    }
    return directory;
  }

  private static Directory directory64(FileChannel channel, long endAt)
      throws IOException, StageException {
    ByteBuffer locator = read(channel, endAt - LOCATOR_BYTES, LOCATOR_BYTES);
    require(locator.getInt(0) == LOCATOR_SIGNATURE, "its archive has no zip64 locator");
    ByteBuffer end = read(channel, locator.getLong(8), END64_BYTES);
    require(end.getInt(0) == END64_SIGNATURE, "its archive has no zip64 end");
    return new Directory(end.getLong(48), end.getLong(40));
  }

  /** The next entry of the directory; where its bytes begin is not known yet. */
  private static Entry central(ByteBuffer bytes) throws StageException {
    int at = bytes.position();
    require(
        bytes.remaining() >= CENTRAL_BYTES && bytes.getInt(at) == CENTRAL_SIGNATURE,
        "its archive has a damaged directory");
    int nameBytes = u2(bytes, at + 28);
    int extraBytes = u2(bytes, at + 30);
    int total = CENTRAL_BYTES + nameBytes + extraBytes + u2(bytes, at + 32);
    require(bytes.remaining() >= total, "its archive has a directory that is cut short");
    String name = text(bytes, at + CENTRAL_BYTES, nameBytes);
    requireInside(name);
    require((u2(bytes, at + 8) & ENCRYPTED) == 0, "its entry '" + name + "' is encrypted");
    require(
        u2(bytes, at + 10) == 0,
        "its entry '" + name + "' is compressed, which torch.save never does");
    long packed = u4(bytes, at + 20);
    long size = u4(bytes, at + 24);
    long headerAt = u4(bytes, at + 42);
    ByteBuffer wide = zip64(bytes, at + CENTRAL_BYTES + nameBytes, extraBytes);
    try {
      size = size == IN_ZIP64 ? wide.getLong() : size;
      packed = packed == IN_ZIP64 ? wide.getLong() : packed;
      headerAt = headerAt == IN_ZIP64 ? wide.getLong() : headerAt;
    } catch (BufferUnderflowException e) {
      throw new StageException("its entry '" + name + "' lacks its zip64 sizes", e);
    }
    require(
        size >= 0 && size == packed && headerAt >= 0,
        "its entry '%s' has impossible sizes: %d bytes, stored in %d"
            .formatted(name, size, packed));
    bytes.position(at + total);
    return new Entry(name, headerAt, 0, size, bytes.getInt(at + 16));
  }

  /** The zip64 values among the extra fields, which are there when a value does not fit. */
  private static ByteBuffer zip64(ByteBuffer bytes, int from, int length) throws StageException {
    int at = from;
    while (at + 4 <= from + length) {
      int size = u2(bytes, at + 2);
      require(at + 4 + size <= from + length, "its archive has a damaged extra field");
      if (u2(bytes, at) == ZIP64_EXTRA) {
        return bytes.slice(at + 4, size).order(ByteOrder.LITTLE_ENDIAN);
      }
      at += 4 + size;
    }
    return ByteBuffer.allocate(0);
  }

  private static Entry located(FileChannel channel, Entry entry)
      throws IOException, StageException {
    ByteBuffer header = read(channel, entry.headerAt(), LOCAL_BYTES);
    int nameBytes = u2(header, 26);
    require(
        header.getInt(0) == LOCAL_SIGNATURE
            && text(read(channel, entry.headerAt() + LOCAL_BYTES, nameBytes), 0, nameBytes)
                .equals(entry.name()),
        "its entry '" + entry.name() + "' is not where the archive's directory says");
    long dataAt = entry.headerAt() + LOCAL_BYTES + nameBytes + u2(header, 28);
    return new Entry(entry.name(), entry.headerAt(), dataAt, entry.size(), entry.crc());
  }

  private static void requireApart(List<Entry> entries, long end) throws StageException {
    List<Entry> inPlace = new ArrayList<>(entries);
    inPlace.sort(Comparator.comparingLong(Entry::headerAt));
    for (int i = 0; i < inPlace.size(); i++) {
      Entry entry = inPlace.get(i);
      long next = i + 1 < inPlace.size() ? inPlace.get(i + 1).headerAt() : end;
      require(
          entry.dataAt() <= next && entry.size() <= next - entry.dataAt(),
          "its entry '%s' of %d bytes reaches into what follows it"
              .formatted(entry.name(), entry.size()));
    }
  }

  private static void requireInside(String name) throws StageException {
    require(
        !name.isEmpty()
            && !name.startsWith("/")
            && name.indexOf('\\') < 0
            && name.indexOf('\0') < 0
            && Arrays.stream(name.split("/", -1)).noneMatch(".."::equals),
        "its archive has an entry with the name '" + name + "', which leaves the archive");
  }

  private static ByteBuffer read(FileChannel channel, long at, int length)
      throws IOException, StageException {
    if (at < 0 || at > channel.size() - length) {
      throw new StageException(
          "its archive wants %d bytes at byte %d of %d: the file is cut short or damaged"
              .formatted(length, at, channel.size()));
    }
    return FileBytes.read(channel, at, length);
  }

  private static String text(ByteBuffer bytes, int at, int length) {
    byte[] raw = new byte[length];
    bytes.get(at, raw);
    return new String(raw, StandardCharsets.UTF_8);
  }

  private static int u2(ByteBuffer bytes, int at) {
    return bytes.getShort(at) & 0xFFFF;
  }

  private static long u4(ByteBuffer bytes, int at) {
    return bytes.getInt(at) & 0xFFFFFFFFL;
  }

  private static void require(boolean holds, String otherwise) throws StageException {
    if (!holds) {
      throw new StageException(otherwise);
    }
  }
}
