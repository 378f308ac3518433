package io.cityseg.image;

import java.util.Optional;

/** What a PNG file's pixels are made of (PNG specification, third edition, 11.2.1). */
public enum ColorType {
  GREY(0, 1, "grey"),
  RGB(2, 3, "RGB"),
  PALETTE(3, 1, "palette"),
  GREY_ALPHA(4, 2, "grey with alpha"),
  RGB_ALPHA(6, 4, "RGB with alpha");

  private final int code;
  private final int channels;
  private final String text;

  ColorType(int code, int channels, String text) {
    this.code = code;
    this.channels = channels;
    this.text = text;
  }

  /** Samples of a pixel. */
  public int channels() {
    return channels;
  }

  /** For messages: "RGB with alpha". */
  public String text() {
    return text;
  }

  /** The type of a code in a file; nothing when there is none. */
  static Optional<ColorType> ofCode(int code) {
    for (ColorType type : values()) {
      if (type.code == code) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** Whether samples may have this many bits. */
  boolean allows(int bitDepth) {
    return switch (this) {
      case GREY -> bitDepth == 16 || isSmall(bitDepth);
      case PALETTE -> isSmall(bitDepth);
      case RGB, GREY_ALPHA, RGB_ALPHA -> bitDepth == 8 || bitDepth == 16;
    };
  }

  private static boolean isSmall(int bitDepth) {
    return bitDepth == 1 || bitDepth == 2 || bitDepth == 4 || bitDepth == 8;
  }
}
