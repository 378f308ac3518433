package io.cityseg.score;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code json.dumps(value, sort_keys=True, indent=4)} of Python 3, byte for byte, for maps, lists,
 * whole numbers, doubles (NaN is the bare word) and null.
 */
final class PythonJson {
  private static final int INDENT = 4;

  /** Digits after which every double is told from its neighbours. */
  private static final int MAX_DIGITS = 17;

  private final StringBuilder text = new StringBuilder();

  private PythonJson() {}

  static String of(Map<String, ?> value) {
    PythonJson json = new PythonJson();
    json.write(value, 0);
    return json.text.toString();
  }

  private void write(Object value, int depth) {
    if (value instanceof Map<?, ?> map) {
      writeMap(map, depth);
    } else if (value instanceof List<?> list) {
      writeList(list, depth);
    } else if (value instanceof Double number) {
      text.append(repr(number));
    } else if (value == null || value instanceof Long || value instanceof Integer) {
      text.append(value);
    } else {
      throw new IllegalArgumentException("Invalid value for JSON: " + value.getClass());
    }
  }

  private void writeMap(Map<?, ?> map, int depth) {
    Map<String, Object> sorted = new TreeMap<>();
    map.forEach((key, value) -> sorted.put((String) key, value));
    String separator = "{";
    for (Map.Entry<String, Object> entry : sorted.entrySet()) {
      text.append(separator);
      newLine(depth + 1);
      quote(entry.getKey());
      text.append(": ");
      write(entry.getValue(), depth + 1);
      separator = ",";
    }
    close(map.isEmpty() ? "{}" : "}", map.isEmpty(), depth);
  }

  private void writeList(List<?> list, int depth) {
    String separator = "[";
    for (Object value : list) {
      text.append(separator);
      newLine(depth + 1);
      write(value, depth + 1);
      separator = ",";
    }
    close(list.isEmpty() ? "[]" : "]", list.isEmpty(), depth);
  }

  private void close(String bracket, boolean isEmpty, int depth) {
    if (!isEmpty) {
      newLine(depth);
    }
    text.append(bracket);
  }

  private void newLine(int depth) {
    text.append('\n').append(" ".repeat(INDENT * depth));
  }

  private void quote(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        case '\f' -> text.append("\\f");
        case '\b' -> text.append("\\b");
        default -> {
          if (c < ' ' || c > '~') {
            text.append("\\u%04x".formatted((int) c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }

  /**
   * Python's text of a double: the fewest digits that give the same double again, and of those the
   * nearest. Java does that only from version 19 on (JDK-4511638).
   */
  static String repr(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Infinity" : "-Infinity";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal exact = new BigDecimal(value);
    BigDecimal shortest = exact;
    for (int digits = 1; digits <= MAX_DIGITS; digits++) {
      shortest = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (shortest.doubleValue() == value) {
        break;
      }
    }
    shortest = shortest.stripTrailingZeros();
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = shortest.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    String digits = shortest.unscaledValue().abs().toString();
    return "%s%s%s%se%s%02d"
        .formatted(
            value < 0 ? "-" : "",
            digits.charAt(0),
            digits.length() > 1 ? "." : "",
            digits.substring(1),
            exponent < 0 ? "-" : "+",
            Math.abs(exponent));
  }
}
