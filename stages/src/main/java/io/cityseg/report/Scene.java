package io.cityseg.report;

import static java.util.Objects.requireNonNull;

import io.cityseg.image.GreyImage;
import io.cityseg.image.RgbImage;
import java.util.List;

/**
 * One image and what was made of it.
 *
 * @param id the image's id
 * @param image uint8 [height, width, 3]
 * @param truth classes 0..19, [height, width]
 * @param predictions in the order in which they are shown
 */
record Scene(String id, RgbImage image, GreyImage truth, List<Predicted> predictions) {
  /**
   * A prediction.
   *
   * @param evaluated whose it is
   * @param classes 0..19, [height, width]
   */
  record Predicted(Evaluated evaluated, GreyImage classes) {
    Predicted {
      requireNonNull(evaluated, "evaluated");
      requireNonNull(classes, "classes");
    }
  }

  Scene {
    requireNonNull(id, "id");
    requireNonNull(image, "image");
    requireNonNull(truth, "truth");
    predictions = List.copyOf(predictions);
  }
}
