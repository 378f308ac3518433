package io.cityseg.image;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The size of a picture, or of a part of one, pixels.
 *
 * @param height rows, 1..{@link ImageSize#MAX_SIDE}
 * @param width columns, 1..{@link ImageSize#MAX_SIDE}
 */
public record PixelSize(int height, int width) {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,5})x([0-9]{1,5})");

  public PixelSize {
    ImageSize.problem(height, width)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException("Invalid size: " + problem);
            });
  }

  /** Reads HEIGHTxWIDTH, as in "512x1024"; nothing when the text is no size of a picture. */
  public static Optional<PixelSize> ofText(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    int height = Integer.parseInt(parts.group(1));
    int width = Integer.parseInt(parts.group(2));
    return ImageSize.problem(height, width).isEmpty()
        ? Optional.of(new PixelSize(height, width))
        : Optional.empty();
  }

  /** HEIGHTxWIDTH. */
  @Override
  public String toString() {
    return height + "x" + width;
  }
}
