package io.cityseg.ingest;

import static java.util.stream.Collectors.joining;

import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.ImageException;
import io.cityseg.image.RgbImage;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.labels.LabelException;
import io.cityseg.labels.LabelImages;
import io.cityseg.proto.IngestWork;
import io.cityseg.proto.LabelSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What the content of an item's files says.
 *
 * @param problems what is wrong, each as "path: what is wrong"; empty for a good item
 * @param height of image and label, pixels; 0 where there are problems
 * @param width of image and label, pixels; 0 where there are problems
 */
record ItemCheck(List<String> problems, int height, int width) {
  /** Ids up to this one stand for no annotation: unlabeled, and what the camera's car covers. */
  private static final int LAST_DUMMY_ID = 3;

  private static final String DUMMY =
      "is a dummy label, as the test split has: nothing but unlabeled, "
          + "ego vehicle, rectification border and out of roi; leave the item out";

  ItemCheck {
    problems = List.copyOf(problems);
  }

  private record Size(int height, int width) {
    @Override
    public String toString() {
      return width + " x " + height;
    }
  }

  /**
   * Decodes and checks an item.
   *
   * @param image the image file's content
   * @param label the label file's content
   */
  static ItemCheck of(IngestWork work, byte[] image, byte[] label) {
    List<String> problems = new ArrayList<>();
    String imagePath = work.getImage().getPath();
    String labelPath = work.getLabel().getPath();
    Optional<Size> imageSize = imageSize(image, imagePath, problems);
    Optional<Size> labelSize = labelSize(work.getSource(), label, labelPath, problems);
    if (imageSize.isPresent() && labelSize.isPresent() && !imageSize.equals(labelSize)) {
      problems.add(
          "%s: is %s pixels, its image %s is %s"
              .formatted(labelPath, labelSize.get(), imagePath, imageSize.get()));
    }
    return problems.isEmpty()
        ? new ItemCheck(problems, imageSize.get().height(), imageSize.get().width())
        : new ItemCheck(problems, 0, 0);
  }

  private static Optional<Size> imageSize(byte[] content, String path, List<String> problems) {
    try {
      RgbImage image = ImageCodec.decodeRgb(content, path);
      return Optional.of(new Size(image.height(), image.width()));
    } catch (ImageException e) {
      problems.add(e.getMessage());
      return Optional.empty();
    }
  }

  private static Optional<Size> labelSize(
      LabelSource source, byte[] content, String path, List<String> problems) {
    try {
      GreyImage ids =
          source == LabelSource.POLYGONS
              ? LabelImages.drawIds(content, path)
              : ImageCodec.decodeGrey(content, path);
      checkIds(ids, path, problems);
      return Optional.of(new Size(ids.height(), ids.width()));
    } catch (ImageException | LabelException e) {
      problems.add(e.getMessage());
      return Optional.empty();
    }
  }

  private static void checkIds(GreyImage ids, String path, List<String> problems) {
    boolean[] present = new boolean[256];
    for (byte id : ids.pixels()) {
      present[id & 0xFF] = true;
    }
    String unknown =
        IntStream.range(0, present.length)
            .filter(id -> present[id] && CityscapesLabels.ofId(id).isEmpty())
            .mapToObj(String::valueOf)
            .collect(joining(", "));
    if (!unknown.isEmpty()) {
      problems.add(
          path
              + ": has pixels of the ids "
              + unknown
              + ", which are not in the Cityscapes table (is it a trainIds image?)");
    } else if (IntStream.range(LAST_DUMMY_ID + 1, present.length).noneMatch(id -> present[id])) {
      problems.add(path + ": " + DUMMY);
    }
  }
}
