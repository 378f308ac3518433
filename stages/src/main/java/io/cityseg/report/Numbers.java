package io.cityseg.report;

import java.math.BigDecimal;
import java.util.Locale;

/** How numbers are written for people; the same in every country. */
final class Numbers {
  private static final String MINUS = "\u2212";

  private Numbers() {}

  /** A share of 0..1 in percent with one digit after the point: "23.4 %". */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** A share of 0..1 in percent with two digits after the point, for tables: "23.41 %". */
  static String finePercent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  /** A difference of two shares in percentage points with its sign: "+21.90". */
  static String signedPoints(double difference) {
    String digits = String.format(Locale.ROOT, "%.2f", Math.abs(100 * difference));
    if (digits.equals("0.00")) {
      return digits;
    }
    return (difference < 0 ? MINUS : "+") + digits;
  }

  /** The size of a difference of two shares in percentage points: "21.9 points". */
  static String points(double difference) {
    String digits = String.format(Locale.ROOT, "%.1f", Math.abs(100 * difference));
    return digits.equals("0.0") ? "less than 0.1 points" : digits + " points";
  }

  /** A count with its thousands apart: "1,234,567". */
  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** A count and what is counted: "1 image", "500 images". */
  static String count(long count, String noun) {
    return count(count) + " " + noun + (count == 1 ? "" : "s");
  }

  /** A value with the given number of digits after the point. */
  static String fixed(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** A value in all its digits, without an exponent: "0.0001". */
  static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  /** A length or coordinate in markup: at most two digits after the point. */
  static String coordinate(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    String shorter = text.replaceAll("\\.?0+$", "");
    return shorter.equals("-0") ? "0" : shorter;
  }
}
