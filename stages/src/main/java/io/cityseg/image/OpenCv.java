package io.cityseg.image;

import java.lang.ref.Reference;
import org.opencv.core.Core;
import org.opencv.core.Mat;

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

  /**
   * Gives a matrix's memory back. To be called instead of {@link Mat#release()}, for every matrix:
   * {@code Mat} has a finalizer that deletes it, and nothing in {@code release()} keeps the object
   * reachable while the native function is at work. A garbage collection at that moment makes two
   * threads free the same memory (a crash of the JVM in every few thousand pictures of real size).
   */
  public static void release(Mat mat) {
    try {
      mat.release();
    } finally {
      Reference.reachabilityFence(mat);
    }
  }
}
