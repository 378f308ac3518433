package io.cityseg.image;

import org.opencv.core.CvException;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/**
 * PNG files to pixels and back. Pixels are exactly those of the file: no conversion of colour
 * spaces, depths or palettes. Thread-safe.
 */
public final class ImageCodec {
  private static final int NO_CONVERSION = -1;

  private ImageCodec() {}

  /**
   * The pixels of an 8-bit RGB file.
   *
   * @throws ImageException when the file is damaged, too large, or of another kind
   */
  public static RgbImage decodeRgb(byte[] png, String name) throws ImageException {
    PngFile file = PngFile.read(png, name);
    byte[] pixels = decode(file, ColorType.RGB, name);
    PngHeader header = file.header();
    return new RgbImage(header.height(), header.width(), pixels);
  }

  /**
   * The pixels of an 8-bit grey file.
   *
   * @throws ImageException when the file is damaged, too large, or of another kind
   */
  public static GreyImage decodeGrey(byte[] png, String name) throws ImageException {
    PngFile file = PngFile.read(png, name);
    byte[] pixels = decode(file, ColorType.GREY, name);
    PngHeader header = file.header();
    return new GreyImage(header.height(), header.width(), pixels);
  }

  /** An 8-bit grey PNG file; the same pixels give the same bytes. */
  public static byte[] encodePng(GreyImage image) {
    return encode(image.height(), image.width(), CvType.CV_8UC1, image.pixels(), NO_CONVERSION);
  }

  /** An 8-bit RGB PNG file; the same pixels give the same bytes. */
  public static byte[] encodePng(RgbImage image) {
    return encode(
        image.height(), image.width(), CvType.CV_8UC3, image.pixels(), Imgproc.COLOR_RGB2BGR);
  }

  private static byte[] decode(PngFile file, ColorType wanted, String name) throws ImageException {
    PngHeader header = file.header();
    if (header.bitDepth() != 8 || header.colorType() != wanted) {
      throw new ImageException(
          "%s holds %s pixels; 8-bit %s is needed, so convert it"
              .formatted(name, header.format(), wanted.text()));
    }
    OpenCv.load();
    int channels = wanted.channels();
    MatOfByte encoded = new MatOfByte(file.pixelChunks());
    Mat mat = null;
    try {
      mat = Imgcodecs.imdecode(encoded, Imgcodecs.IMREAD_UNCHANGED);
      if (mat.rows() != header.height()
          || mat.cols() != header.width()
          || mat.type() != CvType.CV_8UC(channels)) {
        throw new ImageException(
            name + " is damaged: its compressed image data cannot be decoded; fetch it again");
      }
      if (channels == RgbImage.CHANNELS) {
        Imgproc.cvtColor(mat, mat, Imgproc.COLOR_BGR2RGB);
      }
      byte[] pixels = new byte[header.height() * header.width() * channels];
      mat.get(0, 0, pixels);
      return pixels;
    } catch (CvException e) {
      throw new ImageException(name + " cannot be decoded: " + e.getMessage(), e);
    } finally {
      OpenCv.release(encoded);
      if (mat != null) {
        OpenCv.release(mat);
      }
    }
  }

  /**
   * With OpenCV's own settings (filter Sub, run lengths): naming any setting turns its filter off,
   * which makes pictures larger and takes four times as long (measured).
   */
  private static byte[] encode(int height, int width, int type, byte[] pixels, int conversion) {
    OpenCv.load();
    Mat mat = new Mat(height, width, type);
    MatOfByte encoded = new MatOfByte();
    try {
      mat.put(0, 0, pixels);
      if (conversion != NO_CONVERSION) {
        Imgproc.cvtColor(mat, mat, conversion);
      }
      if (!Imgcodecs.imencode(".png", mat, encoded)) {
        throw new IllegalStateException(
            "OpenCV cannot encode a picture of %d x %d pixels as PNG".formatted(width, height));
      }
      return encoded.toArray();
    } finally {
      OpenCv.release(mat);
      OpenCv.release(encoded);
    }
  }
}
