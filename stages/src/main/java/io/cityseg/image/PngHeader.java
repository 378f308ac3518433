package io.cityseg.image;

import static java.util.Objects.requireNonNull;

/**
 * What a PNG file says of its pixels.
 *
 * @param width pixels, 1..{@link ImageSize#MAX_SIDE}
 * @param height pixels, 1..{@link ImageSize#MAX_SIDE}
 * @param bitDepth bits of a sample: 1, 2, 4, 8 or 16
 * @param colorType what a pixel is made of
 */
public record PngHeader(int width, int height, int bitDepth, ColorType colorType) {
  public PngHeader {
    requireNonNull(colorType, "colorType");
    ImageSize.problem(height, width)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException("Invalid PNG header: " + problem);
            });
    if (!colorType.allows(bitDepth)) {
      throw new IllegalArgumentException(
          "Invalid PNG header: " + bitDepth + " bits a sample of type " + colorType.text());
    }
  }

  /** For messages: "8-bit RGB". */
  public String format() {
    return bitDepth + "-bit " + colorType.text();
  }
}
