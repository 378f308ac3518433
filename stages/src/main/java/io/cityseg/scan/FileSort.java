package io.cityseg.scan;

import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.util.Objects.requireNonNull;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * Puts files in order without holding them all: when many have come in, they are sorted and written
 * to a temporary file as a run, and the runs are merged in the end. For one thread.
 */
final class FileSort implements AutoCloseable {
  /** Of about 300 bytes each in memory. */
  private static final int RUN_LENGTH = 20_000;

  private final Path spill;
  private final int runLength;
  private final List<FoundFile> latest = new ArrayList<>();
  private final List<Run> runs = new ArrayList<>();
  private final PriorityQueue<Run> merge =
      new PriorityQueue<>(Comparator.comparing(Run::head, FoundFile.ORDER));
  private FileChannel spilled;
  private long count;
  private boolean merging;

  /**
   * Nothing yet.
   *
   * @param spill an empty file for what has no room in memory; deleted when it was needed
   */
  FileSort(Path spill) {
    this(spill, RUN_LENGTH);
  }

  FileSort(Path spill, int runLength) {
    this.spill = requireNonNull(spill, "spill");
    this.runLength = runLength;
  }

  /**
   * Adds a file, before the first is taken out.
   *
   * @throws UncheckedIOException when there is no room on disk
   */
  void add(FoundFile file) {
    latest.add(file);
    count++;
    if (latest.size() == runLength) {
      try {
        writeRun();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** How many files were added. */
  long count() {
    return count;
  }

  /**
   * Takes the next file out, in the order of {@link FoundFile#ORDER}; nothing after the last.
   *
   * @throws UncheckedIOException when what was written cannot be read
   */
  Optional<FoundFile> next() {
    try {
      if (!merging) {
        startMerge();
      }
      Run first = merge.poll();
      if (first == null) {
        return Optional.empty();
      }
      FoundFile file = first.head();
      if (first.advance()) {
        merge.add(first);
      }
      return Optional.of(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void writeRun() throws IOException {
    latest.sort(FoundFile.ORDER);
    if (spilled == null) {
      spilled = FileChannel.open(spill, READ, WRITE, DELETE_ON_CLOSE);
    }
    long start = spilled.position();
    DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(spilled)));
    for (FoundFile file : latest) {
      file.write(out);
    }
    out.flush();
    runs.add(new WrittenRun(spilled, start, spilled.position(), latest.size()));
    latest.clear();
  }

  private void startMerge() throws IOException {
    merging = true;
    latest.sort(FoundFile.ORDER);
    runs.add(new HeldRun(latest));
    for (Run run : runs) {
      if (run.advance()) {
        merge.add(run);
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (spilled != null) {
      spilled.close();
    }
  }

  /** Files in order. */
  private abstract static class Run {
    private FoundFile head;

    /** The next file. */
    FoundFile head() {
      return head;
    }

    /** Goes on to the next file; false when there is none. */
    boolean advance() throws IOException {
      Optional<FoundFile> next = read();
      next.ifPresent(file -> head = file);
      return next.isPresent();
    }

    abstract Optional<FoundFile> read() throws IOException;
  }

  private static final class HeldRun extends Run {
    private final List<FoundFile> files;
    private int taken;

    HeldRun(List<FoundFile> files) {
      this.files = files;
    }

    @Override
    Optional<FoundFile> read() {
      return taken == files.size() ? Optional.empty() : Optional.of(files.get(taken++));
    }
  }

  private static final class WrittenRun extends Run {
    private final DataInputStream in;
    private int left;

    WrittenRun(FileChannel channel, long start, long end, int files) {
      this.in = new DataInputStream(new BufferedInputStream(new Part(channel, start, end)));
      this.left = files;
    }

    @Override
    Optional<FoundFile> read() throws IOException {
      if (left == 0) {
        return Optional.empty();
      }
      left--;
      return Optional.of(FoundFile.read(in));
    }
  }

  /** A part of a file that others read other parts of. */
  private static final class Part extends InputStream {
    private final FileChannel channel;
    private final long end;
    private long position;

    Part(FileChannel channel, long start, long end) {
      this.channel = channel;
      this.position = start;
      this.end = end;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int wanted = (int) Math.min(length, end - position);
      if (wanted == 0) {
        return length == 0 ? 0 : -1;
      }
      int n = channel.read(ByteBuffer.wrap(into, offset, wanted), position);
      position += Math.max(n, 0);
      return n;
    }
  }
}
