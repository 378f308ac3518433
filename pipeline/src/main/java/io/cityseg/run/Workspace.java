package io.cityseg.run;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * Where the program keeps what it makes on this machine, unless it is told otherwise: {@code
 * .cityseg/} in its home, which is the launcher's folder, so that it is the same from every working
 * directory.
 *
 * @param home an absolute path
 */
public record Workspace(Path home) {
  /** The system property that the launcher sets. */
  public static final String HOME_PROPERTY = "cityseg.home";

  public Workspace {
    requireNonNull(home, "home");
    if (!home.isAbsolute()) {
      throw new IllegalArgumentException("Invalid home: '" + home + "' (must be absolute)");
    }
  }

  /** The launcher's folder, or the current one where there was no launcher. */
  public static Workspace current() {
    return new Workspace(
        Path.of(System.getProperty(HOME_PROPERTY, "")).toAbsolutePath().normalize());
  }

  /** The store that is used when none is named. */
  public Path store() {
    return folder().resolve("store");
  }

  /** Drawn scenes, a folder for each set of options. */
  public Path scenes() {
    return folder().resolve("scenes");
  }

  /** Reports that were taken out of the store to be looked at. */
  public Path reports() {
    return folder().resolve("reports");
  }

  /** Digests of files that were hashed before: a file for each place of a data set. */
  public Path digests() {
    return folder().resolve("known-digests");
  }

  /** Pretrained weights that were fetched from an address, by their SHA-256. */
  public Path weights() {
    return folder().resolve("weights");
  }

  private Path folder() {
    return home.resolve(".cityseg");
  }
}
