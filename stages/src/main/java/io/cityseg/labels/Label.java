package io.cityseg.labels;

import static java.util.Objects.requireNonNull;

/**
 * A line of the Cityscapes label table.
 *
 * @param id the regular id, 0..33, or -1 for the license plate
 * @param trainId 0..18, 255 for what is not trained, -1 for the license plate
 * @param name "traffic light"
 * @param category "object"
 * @param hasInstances whether single objects are told apart
 * @param color 0xRRGGBB
 */
public record Label(
    int id, int trainId, String name, String category, boolean hasInstances, int color) {
  public Label {
    requireNonNull(name, "name");
    requireNonNull(category, "category");
    if (id < -1 || id > 33) {
      throw new IllegalArgumentException("Invalid id of label " + name + ": " + id);
    }
    if (trainId < -1 || (trainId > 18 && trainId != 255)) {
      throw new IllegalArgumentException("Invalid trainId of label " + name + ": " + trainId);
    }
    if ((color & 0xff000000) != 0) {
      throw new IllegalArgumentException("Invalid colour of label " + name + ": " + color);
    }
  }

  /** Whether it counts in training and in the official evaluation. */
  public boolean isTrained() {
    return trainId >= 0 && trainId < CityscapesLabels.VOID_CLASS;
  }
}
