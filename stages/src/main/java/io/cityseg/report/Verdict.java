package io.cityseg.report;

import static java.util.Objects.requireNonNull;

import io.cityseg.proto.SplitManifest;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What came out, in one sentence.
 *
 * @param comparison what was compared
 * @param val the split that it was compared on
 */
record Verdict(Comparison comparison, SplitManifest val) {
  Verdict {
    requireNonNull(comparison, "comparison");
    requireNonNull(val, "val");
  }

  /** True when the best checkpoint is above the baseline. */
  boolean isImprovement() {
    return comparison.best().stream()
        .map(comparison::deltaMeanIou)
        .anyMatch(delta -> delta.isPresent() && delta.getAsDouble() > 0);
  }

  /** The sentence. */
  String sentence() {
    if (comparison.checkpoints().isEmpty()) {
      return "Nothing was compared: only the baseline was evaluated; "
          + (comparison.meanIou(comparison.baseline()).isPresent()
              ? "it reaches " + measured(comparison.baseline()) + "."
              : "it has no mIoU, because no class is present.");
    }
    Optional<Evaluated> best = comparison.best();
    if (best.isEmpty()) {
      return "No checkpoint could be compared: none has an mIoU, because no class is present.";
    }
    OptionalDouble delta = comparison.deltaMeanIou(best.get());
    if (delta.isEmpty()) {
      return best.get().subject()
          + " reaches "
          + measured(best.get())
          + "; the baseline has no mIoU to compare it with.";
    }
    return delta.getAsDouble() > 0
        ? better(best.get(), delta.getAsDouble())
        : notBetter(best.get(), delta.getAsDouble());
  }

  private String better(Evaluated best, double delta) {
    double baseline = comparison.meanIou(comparison.baseline()).orElseThrow();
    String times =
        baseline > 0
            ? " (" + Numbers.fixed(comparison.meanIou(best).orElseThrow() / baseline, 1) + " times)"
            : "";
    return "%s reaches %s, %s above the baseline's %s%s."
        .formatted(
            best.subject(),
            measured(best),
            Numbers.points(delta),
            Numbers.percent(baseline),
            times);
  }

  private String notBetter(Evaluated best, double delta) {
    double baseline = comparison.meanIou(comparison.baseline()).orElseThrow();
    String distance = delta == 0 ? "exactly" : Numbers.points(delta) + " below";
    String subject =
        comparison.checkpoints().size() == 1
            ? best.subject() + " does not beat the baseline: it"
            : "No checkpoint beats the baseline: the best of "
                + comparison.checkpoints().size()
                + ", "
                + best.subject()
                + ",";
    return "%s reaches %s, %s the baseline's %s."
        .formatted(subject, measured(best), distance, Numbers.percent(baseline));
  }

  private String measured(Evaluated evaluated) {
    return "%s mIoU (%s)"
        .formatted(
            Numbers.percent(comparison.meanIou(evaluated).orElseThrow()),
            comparison.measure().summary(val));
  }
}
