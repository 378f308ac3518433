package io.cityseg.report;

import static java.util.Objects.requireNonNull;

import io.cityseg.image.GreyImage;
import io.cityseg.image.RgbImage;
import io.cityseg.labels.CityscapesLabels;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A label image for people.
 *
 * @param classes 0..19, [height, width]
 */
record ClassPicture(GreyImage classes) {
  private static final int NAMED_CLASSES = 3;

  ClassPicture {
    requireNonNull(classes, "classes");
    problem(classes)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException("Invalid picture of classes: " + problem);
            });
  }

  /** What is wrong with a picture of classes; nothing when all its pixels are 0..19. */
  static Optional<String> problem(GreyImage classes) {
    for (byte value : classes.pixels()) {
      if (value < 0 || value >= CityscapesLabels.CLASSES) {
        return Optional.of(
            "it has a pixel of class %d (must be 0 to %d)"
                .formatted(Byte.toUnsignedInt(value), CityscapesLabels.CLASSES - 1));
      }
    }
    return Optional.empty();
  }

  /** Every pixel in its class's colour, [height, width, 3]. */
  RgbImage coloured() {
    byte[] source = classes.pixels();
    byte[] pixels = new byte[source.length * RgbImage.CHANNELS];
    for (int i = 0; i < source.length; i++) {
      int colour = ClassPalette.colour(source[i]);
      pixels[3 * i] = (byte) (colour >> 16);
      pixels[3 * i + 1] = (byte) (colour >> 8);
      pixels[3 * i + 2] = (byte) colour;
    }
    return new RgbImage(classes.height(), classes.width(), pixels);
  }

  /** The classes that cover most of it: "road 41 %, building 20 %, sky 12 %". */
  String inWords() {
    int[] counts = new int[CityscapesLabels.CLASSES];
    for (byte value : classes.pixels()) {
      counts[value]++;
    }
    List<Integer> largest =
        IntStream.range(0, counts.length)
            .boxed()
            .filter(c -> counts[c] > 0)
            .sorted(Comparator.comparing((Integer c) -> -counts[c]))
            .limit(NAMED_CLASSES)
            .toList();
    return largest.stream()
        .map(
            c ->
                CityscapesLabels.className(c)
                    + " "
                    + Numbers.fixed(100.0 * counts[c] / classes.pixels().length, 0)
                    + " %")
        .collect(Collectors.joining(", "));
  }
}
