package io.cityseg.scenes;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cityseg.labels.CityscapesLabels;
import io.cityseg.labels.LabelException;
import io.cityseg.labels.LabelImages;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Annotation files, and which of their objects is seen at each pixel by the rule of the labels
 * package: so a scene's picture, its labelIds and its polygons agree pixel by pixel.
 */
final class ObjectMap {
  /** Labels with the ids 0..31 stand for digits. */
  private static final int BASE = 32;

  private ObjectMap() {}

  /**
   * The annotation of some objects, back to front: a {@code *_gtFine_polygons.json} file.
   *
   * @param label gives the label of the object with an index
   */
  static byte[] annotation(
      int height, int width, List<Stroke.Annotated> objects, IntFunction<String> label) {
    String list =
        IntStream.range(0, objects.size())
            .mapToObj(
                i ->
                    "{\"label\":\"%s\",\"polygon\":[%s]}"
                        .formatted(label.apply(i), points(objects.get(i))))
            .collect(Collectors.joining(","));
    return "{\"imgHeight\":%d,\"imgWidth\":%d,\"objects\":[%s]}\n"
        .formatted(height, width, list)
        .getBytes(UTF_8);
  }

  private static String points(Stroke.Annotated object) {
    return object.polygon().stream()
        .map(pixel -> "[" + pixel.x() + "," + pixel.y() + "]")
        .collect(Collectors.joining(","));
  }

  /**
   * The index of the frontmost object at each pixel, row by row; -1 where there is none.
   *
   * <p>A label image says which label is in front, not which object. So the objects are drawn
   * several times, each time with the labels that stand for one digit of their number.
   */
  static int[] draw(int height, int width, List<Stroke.Annotated> objects) {
    int[] numbers = new int[height * width];
    for (int weight = 1; weight <= objects.size(); weight *= BASE) {
      int place = weight;
      byte[] digits =
          ids(
              annotation(
                  height,
                  width,
                  objects,
                  i -> CityscapesLabels.ofId((i + 1) / place % BASE).orElseThrow().name()));
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] += digits[i] * place;
      }
    }
    Arrays.setAll(numbers, i -> numbers[i] - 1);
    return numbers;
  }

  private static byte[] ids(byte[] annotation) {
    try {
      return LabelImages.drawIds(annotation, "drawn scene").pixels();
    } catch (LabelException e) {
      throw new IllegalStateException("A drawn annotation is not an annotation", e);
    }
  }
}
