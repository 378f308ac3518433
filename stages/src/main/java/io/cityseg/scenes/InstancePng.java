package io.cityseg.scenes;

import io.cityseg.image.OpenCv;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.imgcodecs.Imgcodecs;

/** 16-bit grey PNG files, which in this data set only instanceIds need. */
final class InstancePng {
  private InstancePng() {}

  /** A PNG file of numbers 0..65,535, [height, width], row by row. */
  static byte[] encode(int height, int width, short[] values) {
    if (OpenCv.version().isEmpty()) {
      throw new IllegalStateException("OpenCV does not say which version it is");
    }
    Mat mat = new Mat(height, width, CvType.CV_16UC1);
    MatOfByte encoded = new MatOfByte();
    try {
      mat.put(0, 0, values);
      if (!Imgcodecs.imencode(".png", mat, encoded)) {
        throw new IllegalStateException(
            "OpenCV cannot encode %d x %d instance ids as PNG".formatted(width, height));
      }
      return encoded.toArray();
    } finally {
      OpenCv.release(mat);
      OpenCv.release(encoded);
    }
  }
}
