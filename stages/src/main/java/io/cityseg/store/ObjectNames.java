package io.cityseg.store;

import java.util.regex.Pattern;

/** Which names objects may have: the rule of {@link ObjectStorage}, for all its implementations. */
final class ObjectNames {
  /** Segments that are not "." or "..", and a first segment that is not "tmp". */
  private static final Pattern FORM =
      Pattern.compile(
          "(?!tmp(/|$))(?!\\.{1,2}(/|$))[A-Za-z0-9._-]+(/(?!\\.{1,2}(/|$))[A-Za-z0-9._-]+)*");

  private ObjectNames() {}

  static boolean isValid(String name) {
    return FORM.matcher(name).matches();
  }

  /**
   * The name itself.
   *
   * @throws IllegalArgumentException when it is none
   */
  static String require(String name) {
    if (!isValid(name)) {
      throw new IllegalArgumentException(
          "Invalid object name: '"
              + name
              + "' (must be parts of letters, digits, '.', '_' and '-' joined by '/', with no part '.' or '..', and not in tmp/)");
    }
    return name;
  }
}
