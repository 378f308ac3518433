package io.cityseg.image;

import org.opencv.core.Core;

/**
 * The native image library, loaded once in a JVM and on first use. Its results are pure functions
 * of the pixels, whatever the number of its threads.
 */
public final class OpenCv {
  private OpenCv() {}

  /** Loads when it is first touched: the JVM initialises a class once, whatever the threads. */
  private static final class Library {
    static final boolean LOADED = load();

    private Library() {}

    private static boolean load() {
      nu.pattern.OpenCV.loadLocally();
      return true;
    }
  }

  /**
   * The library's version: "4.9.0". It decides the bytes of encoded files and resized pictures.
   * Does not load the library.
   */
  public static String version() {
    return Core.VERSION;
  }

  /** Makes sure that the library is loaded. */
  static void load() {
    if (!Library.LOADED) {
      throw new IllegalStateException("OpenCV " + version() + " is not loaded");
    }
  }
}
