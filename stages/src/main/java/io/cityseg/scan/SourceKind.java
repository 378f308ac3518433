package io.cityseg.scan;

import java.util.Optional;

/** The kinds of files that ingest reads, by the end of their name. */
public enum SourceKind {
  IMAGE("leftImg8bit", "_leftImg8bit.png", "png"),
  POLYGONS("gtFine", "_gtFine_polygons.json", "json"),
  LABEL_IDS("gtFine", "_gtFine_labelIds.png", "png"),
  INSTANCE_IDS("gtFine", "_gtFine_instanceIds.png", "png");

  private final String folder;
  private final String suffix;
  private final String format;

  SourceKind(String folder, String suffix, String format) {
    this.folder = folder;
    this.suffix = suffix;
    this.format = format;
  }

  /** The kind of a file; nothing when ingest does not read it. */
  public static Optional<SourceKind> ofName(String fileName) {
    for (SourceKind kind : values()) {
      if (fileName.endsWith(kind.suffix)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /** The folder of the layout in which such files are. */
  public String folder() {
    return folder;
  }

  /** What a file's name ends with. */
  public String suffix() {
    return suffix;
  }

  /** The kind of the artifact that such a file becomes. */
  public String format() {
    return format;
  }
}
