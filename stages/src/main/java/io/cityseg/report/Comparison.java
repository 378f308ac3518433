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
 * @param measure by which they are compared
 */
record Comparison(Evaluated baseline, List<Evaluated> checkpoints, Measure measure) {
  Comparison {
    requireNonNull(baseline, "baseline");
    requireNonNull(measure, "measure");
    checkpoints = List.copyOf(checkpoints);
  }

  /** By the baseline's first measure. */
  Comparison(Evaluated baseline, List<Evaluated> checkpoints) {
    this(baseline, checkpoints, Measure.of(baseline.manifest()).get(0));
  }

  /** The same evaluations by another measure. */
  Comparison by(Measure other) {
    return new Comparison(baseline, checkpoints, other);
  }

  /** Mean IoU, 0..1; nothing when no class is present. */
  OptionalDouble meanIou(Evaluated evaluated) {
    return measure.meanIou(evaluated.manifest());
  }

  /** The checkpoint of the highest mean IoU, the first of several; nothing when none has one. */
  Optional<Evaluated> best() {
    Evaluated best = null;
    for (Evaluated checkpoint : checkpoints) {
      if (meanIou(checkpoint).isPresent() && (best == null || number(checkpoint) > number(best))) {
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
    return meanIou(evaluated).isPresent() && meanIou(baseline).isPresent()
        ? OptionalDouble.of(number(evaluated) - number(baseline))
        : OptionalDouble.empty();
  }

  private double number(Evaluated evaluated) {
    return meanIou(evaluated).orElseThrow();
  }
}
