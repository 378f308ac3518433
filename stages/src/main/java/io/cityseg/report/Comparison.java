package io.cityseg.report;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * The baseline and what is compared with it.
 *
 * @param baseline the evaluation of the initial checkpoint
 * @param checkpoints the others, in the order in which they were given
 */
record Comparison(Evaluated baseline, List<Evaluated> checkpoints) {
  Comparison {
    requireNonNull(baseline, "baseline");
    checkpoints = List.copyOf(checkpoints);
  }

  /** The checkpoint of the highest mean IoU, the first of several; nothing when none has one. */
  Optional<Evaluated> best() {
    Evaluated best = null;
    for (Evaluated checkpoint : checkpoints) {
      if (checkpoint.meanIou().isPresent()
          && (best == null || meanIou(checkpoint) > meanIou(best))) {
        best = checkpoint;
      }
    }
    return Optional.ofNullable(best);
  }

  /** The best checkpoint, or the baseline where there is none: what the page shows in detail. */
  Evaluated shown() {
    return best().orElse(baseline);
  }

  /** The baseline, then the checkpoints in their order. */
  List<Evaluated> all() {
    return Stream.concat(Stream.of(baseline), checkpoints.stream()).toList();
  }

  /** The baseline, then the best checkpoint, then the others in their order. */
  List<Evaluated> bestFirst() {
    Optional<Evaluated> best = best();
    return Stream.of(
            Stream.of(baseline), best.stream(), checkpoints.stream().filter(c -> !isBest(c)))
        .flatMap(part -> part)
        .toList();
  }

  /** True for the best checkpoint. */
  boolean isBest(Evaluated evaluated) {
    return best().filter(best -> best.role().equals(evaluated.role())).isPresent();
  }

  /** How far a mean IoU is above the baseline's, -1..1; nothing when either is absent. */
  OptionalDouble deltaMeanIou(Evaluated evaluated) {
    return evaluated.meanIou().isPresent() && baseline.meanIou().isPresent()
        ? OptionalDouble.of(meanIou(evaluated) - meanIou(baseline))
        : OptionalDouble.empty();
  }

  private static double meanIou(Evaluated evaluated) {
    return evaluated.meanIou().orElseThrow();
  }
}
