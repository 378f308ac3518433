package io.cityseg.scan;

import io.cityseg.store.Digest;

/** Where files of a data set are: a folder, or a prefix of a bucket. */
interface SourcePlace {
  /** What it is called at every scan. */
  String name();

  /** How many of its files are read at once. */
  int readers();

  /** Tells the files below {@code leftImg8bit/} and {@code gtFine/}, in no particular order. */
  void list(Listener listener) throws DataFolderException;

  /** Reads a file that was listed. */
  Content read(FoundFile file) throws DataFolderException;

  /** Hears of files. */
  @FunctionalInterface
  interface Listener {
    /**
     * There is a file.
     *
     * @param path relative to the data set's root, with '/' between names
     */
    void found(String path, FileVersion version);
  }

  /**
   * A file that was read.
   *
   * @param size in bytes
   * @param settled whether the file as it is now, by its version, will have this digest for as long
   *     as it has that version
   */
  record Content(Digest digest, long size, boolean settled) {}
}
