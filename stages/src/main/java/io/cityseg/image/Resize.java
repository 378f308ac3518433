package io.cityseg.image;

import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * {@code cv2.resize} of OpenCV, bit by bit, and so the {@code Resize} of Albumentations that the
 * reference run uses. A picture that already has the size keeps its pixels. Thread-safe.
 */
public final class Resize {
  private Resize() {}

  /** INTER_LINEAR: [H, W, 3] to [height, width, 3], no antialiasing. */
  public static RgbImage bilinear(RgbImage image, int height, int width) {
    if (image.height() == height && image.width() == width) {
      return image;
    }
    return bilinear(image, height, width, Window.whole(height, width));
  }

  /**
   * A window of the resized picture: the same pixels as resizing and then cutting, without the rest
   * of the large picture in the Java heap.
   */
  public static RgbImage bilinear(RgbImage image, int height, int width, Window window) {
    if (image.height() == height && image.width() == width) {
      return window.of(image);
    }
    requireSize(height, width);
    window.requireWithin(height, width);
    byte[] pixels = new byte[window.height() * window.width() * RgbImage.CHANNELS];
    Source source = new Source(image.pixels(), image.height(), image.width(), CvType.CV_8UC3);
    resize(source, height, width, window, pixels);
    return new RgbImage(window.height(), window.width(), pixels);
  }

  /** INTER_NEAREST: [H, W] to [height, width]; no value appears that was not there. */
  public static GreyImage nearest(GreyImage image, int height, int width) {
    if (image.height() == height && image.width() == width) {
      return image;
    }
    requireSize(height, width);
    byte[] pixels = new byte[height * width];
    Source source = new Source(image.pixels(), image.height(), image.width(), CvType.CV_8UC1);
    resize(source, height, width, Window.whole(height, width), pixels);
    return new GreyImage(height, width, pixels);
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Source(byte[] pixels, int height, int width, int type) {}

  private static void requireSize(int height, int width) {
    ImageSize.problem(height, width)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException("Cannot resize a picture to " + problem);
            });
  }

  private static void resize(Source from, int height, int width, Window window, byte[] to) {
    OpenCv.load();
    Mat source = new Mat(from.height(), from.width(), from.type());
    Mat target = new Mat();
    try {
      source.put(0, 0, from.pixels());
      int method = from.type() == CvType.CV_8UC1 ? Imgproc.INTER_NEAREST : Imgproc.INTER_LINEAR;
      Imgproc.resize(source, target, new Size(width, height), 0, 0, method);
      Mat part =
          target.submat(
              window.top(),
              window.top() + window.height(),
              window.left(),
              window.left() + window.width());
      try {
        part.get(0, 0, to);
      } finally {
        OpenCv.release(part);
      }
    } finally {
      OpenCv.release(source);
      OpenCv.release(target);
    }
  }
}
