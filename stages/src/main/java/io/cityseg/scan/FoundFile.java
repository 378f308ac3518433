package io.cityseg.scan;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Comparator;

/**
 * A file of the data set that was listed and not yet read.
 *
 * @param path relative to the data set's root, with '/' between names
 * @param place which of the data set's places it is in, from 0
 */
record FoundFile(String path, int place, FileVersion version) {
  /** The order of every listing, whatever it is made from. */
  static final Comparator<FoundFile> ORDER =
      Comparator.comparing(FoundFile::path).thenComparing(FoundFile::place);

  void write(DataOutput out) throws IOException {
    out.writeUTF(path);
    out.writeInt(place);
    out.writeLong(version.size());
    out.writeLong(version.modified());
    out.writeUTF(version.identity());
  }

  static FoundFile read(DataInput in) throws IOException {
    String path = in.readUTF();
    int place = in.readInt();
    return new FoundFile(path, place, new FileVersion(in.readLong(), in.readLong(), in.readUTF()));
  }
}
