package io.cityseg.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody meant who mistyped a name. */
public final class NearestName {
  private NearestName() {}

  /**
   * The known name with the smallest edit distance (Levenshtein's, with swapped neighbours as one
   * edit; upper and lower case are the same), the first of them in the alphabet; nothing when none
   * is near, that is, when more than a third of the letters differ.
   */
  public static Optional<String> of(String name, Collection<String> known) {
    String wanted = name.toLowerCase(Locale.ROOT);
    return known.stream()
        .filter(k -> Math.abs(k.length() - wanted.length()) <= allowed(wanted, k))
        .map(k -> new Candidate(k, distance(wanted, k.toLowerCase(Locale.ROOT))))
        .filter(candidate -> candidate.distance() <= allowed(wanted, candidate.name()))
        .min(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
        .map(Candidate::name);
  }

  private record Candidate(String name, int distance) {}

  private static int allowed(String wanted, String known) {
    return Math.max(1, Math.max(wanted.length(), known.length()) / 3);
  }

  /**
   * How many letters have to be put in, left out, changed or swapped with their neighbour to make
   * one text from the other.
   */
  static int distance(String from, String to) {
    int[][] steps = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        steps[i][j] = i == 0 || j == 0 ? i + j : step(steps, from, to, i, j);
      }
    }
    return steps[from.length()][to.length()];
  }

  private static int step(int[][] steps, String from, String to, int i, int j) {
    boolean same = from.charAt(i - 1) == to.charAt(j - 1);
    int changed = steps[i - 1][j - 1] + (same ? 0 : 1);
    int best = Math.min(changed, 1 + Math.min(steps[i - 1][j], steps[i][j - 1]));
    boolean swapped =
        i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1);
    return swapped ? Math.min(best, 1 + steps[i - 2][j - 2]) : best;
  }
}
