package io.cityseg.image;

import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/**
 * {@code cv2.cvtColor} between RGB and HSV for 8 bits a channel: hue 0..179 (half degrees),
 * saturation and value 0..255. Going there and back loses up to a few units. Thread-safe.
 */
public final class Hsv {
  private Hsv() {}

  /** COLOR_RGB2HSV: uint8 [H, W, 3], channels in the order hue, saturation, value. */
  public static byte[] of(RgbImage image) {
    return convert(image.pixels(), image.height(), image.width(), Imgproc.COLOR_RGB2HSV);
  }

  /**
   * COLOR_HSV2RGB.
   *
   * @param hsv uint8 [height, width, 3] as {@link #of} gives it
   */
  public static RgbImage toRgb(int height, int width, byte[] hsv) {
    ImageSize.require(height, width, RgbImage.CHANNELS, hsv.length);
    return new RgbImage(height, width, convert(hsv, height, width, Imgproc.COLOR_HSV2RGB));
  }

  private static byte[] convert(byte[] pixels, int height, int width, int code) {
    OpenCv.load();
    Mat source = new Mat(height, width, CvType.CV_8UC3);
    Mat target = new Mat();
    try {
      source.put(0, 0, pixels);
      Imgproc.cvtColor(source, target, code);
      byte[] converted = new byte[pixels.length];
      target.get(0, 0, converted);
      return converted;
    } finally {
      source.release();
      target.release();
    }
  }
}
