package io.cityseg.ingest;

import com.google.protobuf.CodedOutputStream;
import io.cityseg.proto.SourceFile;
import io.cityseg.proto.SourceListing;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Writes a {@link SourceListing} file by file: its bytes are those of the message, which is never
 * whole in memory.
 */
final class ListingWriter implements AutoCloseable {
  private final OutputStream file;
  private final CodedOutputStream out;
  private final List<SourceFile> samePath = new ArrayList<>();

  ListingWriter(Path file) throws IOException {
    this.file = Files.newOutputStream(file);
    this.out = CodedOutputStream.newInstance(this.file);
  }

  /**
   * Adds a file, in ascending order of path; those of one path come into ascending order of digest,
   * whichever place they are from.
   */
  void add(SourceFile source) throws IOException {
    if (!samePath.isEmpty() && !samePath.get(0).getPath().equals(source.getPath())) {
      writeSamePath();
    }
    samePath.add(source);
  }

  private void writeSamePath() throws IOException {
    samePath.sort(Comparator.comparing(SourceFile::getSha256));
    for (SourceFile source : samePath) {
      out.writeMessage(SourceListing.FILES_FIELD_NUMBER, source);
    }
    samePath.clear();
  }

  /** Writes what is left. */
  void finish() throws IOException {
    writeSamePath();
    out.flush();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
