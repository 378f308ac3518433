package io.cityseg.store;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of bytes as people write them: "500MB", "10 GB", "1048576". A KB has 1024 bytes. */
public final class ByteSize {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,15}) ?(B|KB|MB|GB|TB)?");

  private ByteSize() {}

  /**
   * Reads a number of bytes.
   *
   * @throws IllegalArgumentException when it is none, or more than a long holds
   */
  public static long parse(String text) {
    Matcher form = FORM.matcher(text.strip().toUpperCase(Locale.ROOT));
    if (form.matches()) {
      String unit = form.group(2) == null ? "B" : form.group(2);
      int shift =
          switch (unit) {
            case "KB" -> 10;
            case "MB" -> 20;
            case "GB" -> 30;
            case "TB" -> 40;
            default -> 0;
          };
      long number = Long.parseLong(form.group(1));
      if (number <= Long.MAX_VALUE >> shift) {
        return number << shift;
      }
    }
    throw new IllegalArgumentException(
        "Invalid size: '%s' (must be a number of bytes like 500MB or 10GB)".formatted(text));
  }
}
