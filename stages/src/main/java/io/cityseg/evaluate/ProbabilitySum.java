package io.cityseg.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.cityseg.image.GreyImage;
import io.cityseg.image.PixelSize;
import java.util.ArrayList;
import java.util.List;

/**
 * Probabilities of several predictions of one image at its full resolution, added up in the order
 * in which they come. Holds 19 floats a pixel (159 MB at 2048x1024), whatever their number.
 */
final class ProbabilitySum implements AutoCloseable {
  private final NDManager manager;
  private final PixelSize size;
  private final List<NDArray> sums = new ArrayList<>();
  private int predictions;

  /** A sum of nothing. */
  ProbabilitySum(NDManager parent, PixelSize size) {
    this.manager = parent.newSubManager();
    this.size = size;
  }

  /**
   * Adds a prediction.
   *
   * @param logits [C, h, w] at any size
   * @param mirrored whether they are of the mirrored image
   */
  void add(NDArray logits, boolean mirrored) {
    try (LogitBands bands = new LogitBands(logits, size)) {
      for (int i = 0; i < bands.count(); i++) {
        try (NDArray band = bands.band(i);
            NDArray probabilities = band.softmax(0)) {
          add(i, mirrored ? probabilities.flip(2) : probabilities.duplicate());
        }
      }
    }
    predictions++;
  }

  private void add(int band, NDArray probabilities) {
    if (predictions == 0) {
      probabilities.attach(manager);
      sums.add(probabilities);
    } else {
      try (probabilities) {
        sums.get(band).addi(probabilities);
      }
    }
  }

  /** The most probable class of every pixel, the lowest of equal ones. */
  GreyImage classes() {
    byte[] classes = new byte[size.height() * size.width()];
    int offset = 0;
    for (NDArray sum : sums) {
      try (NDArray mean = sum.div(predictions)) {
        FullSizePredictor.put(mean, classes, offset);
      }
      offset += (int) sum.getShape().get(1) * size.width();
    }
    return new GreyImage(size.height(), size.width(), classes);
  }

  @Override
  public void close() {
    manager.close();
  }
}
