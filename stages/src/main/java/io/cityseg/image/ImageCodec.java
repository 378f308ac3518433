package io.cityseg.image;

import java.util.function.Consumer;
import org.opencv.core.CvException;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.MatOfInt;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/**
 * PNG files to pixels and back. Pixels are exactly those of the file: no conversion of colour
 * spaces, depths or palettes. Thread-safe.
 */
public final class ImageCodec {
  private static final int[] ENCODING = {
    Imgcodecs.IMWRITE_PNG_COMPRESSION,
    6,
    Imgcodecs.IMWRITE_PNG_STRATEGY,
    Imgcodecs.IMWRITE_PNG_STRATEGY_DEFAULT
  };

  private ImageCodec() {}

  /**
   * The pixels of an 8-bit RGB file.
   *
   * @throws ImageException when the file is damaged, too large, or of another kind
   */
  public static RgbImage decodeRgb(byte[] png, String name) throws ImageException {
    PngFile file = PngFile.read(png, name);
    PngHeader header = require(file, 8, ColorType.RGB, name);
    byte[] pixels = new byte[header.height() * header.width() * RgbImage.CHANNELS];
    decode(file, file.pixelChunks(), ColorType.RGB, name, mat -> mat.get(0, 0, pixels));
    return new RgbImage(header.height(), header.width(), pixels);
  }

  /**
   * The pixels of an 8-bit grey file.
   *
   * @throws ImageException when the file is damaged, too large, or of another kind
   */
  public static GreyImage decodeGrey(byte[] png, String name) throws ImageException {
    PngFile file = PngFile.read(png, name);
    PngHeader header = require(file, 8, ColorType.GREY, name);
    return decodeGrey(file, header, file.pixelChunks(), name);
  }

  /**
   * The numbers in an 8-bit file of one channel: the values of a grey file, or the indices of a
   * file with a palette, whose colours are ignored. That is how Pillow reads label images.
   *
   * @throws ImageException when the file is damaged, too large, or of another kind
   */
  public static GreyImage decodeIndices(byte[] png, String name) throws ImageException {
    PngFile file = PngFile.read(png, name);
    boolean palette = file.header().colorType() == ColorType.PALETTE;
    PngHeader header = require(file, 8, palette ? ColorType.PALETTE : ColorType.GREY, name);
    return decodeGrey(file, header, palette ? file.indexChunks() : file.pixelChunks(), name);
  }

  /**
   * The pixels of a 16-bit grey file.
   *
   * @throws ImageException when the file is damaged, too large, or of another kind
   */
  public static Grey16Image decodeGrey16(byte[] png, String name) throws ImageException {
    PngFile file = PngFile.read(png, name);
    PngHeader header = require(file, 16, ColorType.GREY, name);
    short[] pixels = new short[header.height() * header.width()];
    decode(file, file.pixelChunks(), ColorType.GREY, name, mat -> mat.get(0, 0, pixels));
    return new Grey16Image(header.height(), header.width(), pixels);
  }

  /** An 8-bit grey PNG file; the same pixels give the same bytes. */
  public static byte[] encodePng(GreyImage image) {
    return encode(
        image.height(), image.width(), CvType.CV_8UC1, mat -> mat.put(0, 0, image.pixels()));
  }

  /** An 8-bit RGB PNG file; the same pixels give the same bytes. */
  public static byte[] encodePng(RgbImage image) {
    return encode(
        image.height(),
        image.width(),
        CvType.CV_8UC3,
        mat -> {
          mat.put(0, 0, image.pixels());
          Imgproc.cvtColor(mat, mat, Imgproc.COLOR_RGB2BGR);
        });
  }

  /**
   * An 8-bit RGB PNG file with an alpha channel that is 255 everywhere, as the data set's colour
   * images have it.
   */
  public static byte[] encodeOpaquePng(RgbImage image) {
    return encode(
        image.height(),
        image.width(),
        CvType.CV_8UC3,
        mat -> {
          mat.put(0, 0, image.pixels());
          Imgproc.cvtColor(mat, mat, Imgproc.COLOR_RGB2BGRA);
        });
  }

  /** A 16-bit grey PNG file; the same pixels give the same bytes. */
  public static byte[] encodePng(Grey16Image image) {
    return encode(
        image.height(), image.width(), CvType.CV_16UC1, mat -> mat.put(0, 0, image.pixels()));
  }

  private static PngHeader require(PngFile file, int bitDepth, ColorType wanted, String name)
      throws ImageException {
    PngHeader header = file.header();
    if (header.bitDepth() != bitDepth || header.colorType() != wanted) {
      throw new ImageException(
          "%s holds %s pixels; %d-bit %s is needed, so convert it"
              .formatted(
                  name,
                  header.format(),
                  bitDepth,
                  wanted == ColorType.PALETTE ? ColorType.GREY.text() : wanted.text()));
    }
    return header;
  }

  private static GreyImage decodeGrey(PngFile file, PngHeader header, byte[] chunks, String name)
      throws ImageException {
    byte[] pixels = new byte[header.height() * header.width()];
    decode(file, chunks, ColorType.GREY, name, mat -> mat.get(0, 0, pixels));
    return new GreyImage(header.height(), header.width(), pixels);
  }

  /** Decodes the chunks to the file's own depth and lets the caller take the pixels. */
  private static void decode(
      PngFile file, byte[] chunks, ColorType type, String name, Consumer<Mat> pixels)
      throws ImageException {
    PngHeader header = file.header();
    OpenCv.load();
    int channels = type.channels();
    int depth = header.bitDepth() == 16 ? CvType.CV_16U : CvType.CV_8U;
    MatOfByte encoded = new MatOfByte(chunks);
    Mat mat = null;
    try {
      mat = Imgcodecs.imdecode(encoded, Imgcodecs.IMREAD_UNCHANGED);
      if (mat.rows() != header.height()
          || mat.cols() != header.width()
          || mat.type() != CvType.makeType(depth, channels)) {
        throw new ImageException(
            name + " is damaged: its compressed image data cannot be decoded; fetch it again");
      }
      if (channels == RgbImage.CHANNELS) {
        Imgproc.cvtColor(mat, mat, Imgproc.COLOR_BGR2RGB);
      }
      pixels.accept(mat);
    } catch (CvException e) {
      throw new ImageException(name + " cannot be decoded: " + e.getMessage(), e);
    } finally {
      encoded.release();
      if (mat != null) {
        mat.release();
      }
    }
  }

  private static byte[] encode(int height, int width, int type, Consumer<Mat> pixels) {
    OpenCv.load();
    Mat mat = new Mat(height, width, type);
    MatOfByte encoded = new MatOfByte();
    MatOfInt parameters = new MatOfInt(ENCODING);
    try {
      pixels.accept(mat);
      if (!Imgcodecs.imencode(".png", mat, encoded, parameters)) {
        throw new IllegalStateException(
            "OpenCV cannot encode a picture of %d x %d pixels as PNG".formatted(width, height));
      }
      return encoded.toArray();
    } finally {
      mat.release();
      encoded.release();
      parameters.release();
    }
  }
}
