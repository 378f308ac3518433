package io.cityseg.ingest;

import static java.util.stream.Collectors.joining;

import io.cityseg.image.Grey16Image;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.ImageException;
import io.cityseg.image.LabelPng;
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

  /** The factor between a label's id and its instances' numbers. */
  private static final int INSTANCES = 1000;

  private static final int LISTED = 20;

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
   * @param instances the instance file's content, where there is one
   */
  static ItemCheck of(IngestWork work, byte[] image, byte[] label, Optional<byte[]> instances) {
    List<String> problems = new ArrayList<>();
    String imagePath = work.getImage().getPath();
    String labelPath = work.getLabel().getPath();
    Optional<Size> imageSize = imageSize(image, imagePath, problems);
    Optional<Size> labelSize = labelSize(work.getSource(), label, labelPath, problems);
    requireSame(imageSize, imagePath, labelSize, labelPath, problems);
    if (instances.isPresent()) {
      String path = work.getInstances().getPath();
      requireSame(
          imageSize, imagePath, instancesSize(instances.get(), path, problems), path, problems);
    }
    return problems.isEmpty()
        ? new ItemCheck(problems, imageSize.get().height(), imageSize.get().width())
        : new ItemCheck(problems, 0, 0);
  }

  private static void requireSame(
      Optional<Size> imageSize,
      String imagePath,
      Optional<Size> size,
      String path,
      List<String> problems) {
    if (imageSize.isPresent() && size.isPresent() && !imageSize.equals(size)) {
      problems.add(
          "%s: is %s pixels, its image %s is %s"
              .formatted(path, size.get(), imagePath, imageSize.get()));
    }
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

  private static Optional<Size> instancesSize(byte[] content, String path, List<String> problems) {
    try {
      Grey16Image numbers = LabelPng.decode16(content, path);
      checkInstances(numbers, path, problems);
      return Optional.of(new Size(numbers.height(), numbers.width()));
    } catch (ImageException e) {
      problems.add(e.getMessage());
      return Optional.empty();
    }
  }

  /** Numbers above 1000 are id * 1000 + k; the official evaluation stops at other ones. */
  private static void checkInstances(Grey16Image numbers, String path, List<String> problems) {
    boolean[] present = new boolean[1 << 16];
    for (short number : numbers.pixels()) {
      present[number & 0xffff] = true;
    }
    String wrong =
        IntStream.range(INSTANCES + 1, present.length)
            .filter(number -> present[number] && !isInstance(number / INSTANCES))
            .limit(LISTED)
            .mapToObj(String::valueOf)
            .collect(joining(", "));
    if (!wrong.isEmpty()) {
      problems.add(
          path
              + ": has the instances "
              + wrong
              + ", whose label (the number / 1000) is not in the Cityscapes table or has no instances");
    }
  }

  private static boolean isInstance(int id) {
    return CityscapesLabels.ofId(id)
        .filter(label -> label.hasInstances() || !label.isTrained())
        .isPresent();
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
