package io.cityseg.image;

import org.opencv.core.Core;

/**
 * The native image library, loaded once in a JVM and on first use. Its results are pure functions
 * of the pixels, whatever the number of its threads.
 */
public final class OpenCv {
  private OpenCv() {}

  /** The class loader's lock makes this the one place where the library is loaded. */
  private static final class Library {
    static final String VERSION = load();

    private Library() {}

    private static String load() {
      nu.pattern.OpenCV.loadLocally();
      return Core.VERSION;
    }
  }

  /** The library's version: "4.9.0". Decides the bytes of encoded files and resized pictures. */
  public static String version() {
    return Library.VERSION;
  }

  /** Makes sure that the library is loaded. */
  static void load() {
    if (version().isEmpty()) {
      throw new IllegalStateException("OpenCV does not say which version it is");
    }
  }
}
