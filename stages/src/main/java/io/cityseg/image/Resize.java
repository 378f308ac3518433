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
    byte[] pixels = new byte[pixels(height, width) * RgbImage.CHANNELS];
    resize(image.pixels(), image.height(), image.width(), CvType.CV_8UC3, pixels, height, width);
    return new RgbImage(height, width, pixels);
  }

  /** INTER_NEAREST: [H, W] to [height, width]; no value appears that was not there. */
  public static GreyImage nearest(GreyImage image, int height, int width) {
    if (image.height() == height && image.width() == width) {
      return image;
    }
    byte[] pixels = new byte[pixels(height, width)];
    resize(image.pixels(), image.height(), image.width(), CvType.CV_8UC1, pixels, height, width);
    return new GreyImage(height, width, pixels);
  }

  private static int pixels(int height, int width) {
    ImageSize.problem(height, width)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException("Cannot resize a picture to " + problem);
            });
    return height * width;
  }

  private static void resize(
      byte[] from, int fromHeight, int fromWidth, int type, byte[] to, int height, int width) {
    OpenCv.load();
    Mat source = new Mat(fromHeight, fromWidth, type);
    Mat target = new Mat();
    try {
      source.put(0, 0, from);
      int method = type == CvType.CV_8UC1 ? Imgproc.INTER_NEAREST : Imgproc.INTER_LINEAR;
      Imgproc.resize(source, target, new Size(width, height), 0, 0, method);
      target.get(0, 0, to);
    } finally {
      source.release();
      target.release();
    }
  }
}
