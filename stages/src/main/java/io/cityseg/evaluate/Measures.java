package io.cityseg.evaluate;

import io.cityseg.proto.EvaluateConfig;
import io.cityseg.score.BoundaryCounter;
import java.util.Optional;

/** Which measures {@code evaluate.measure} and {@code evaluate.boundary} ask for. */
public final class Measures {
  private static final String BOTH = "both";

  private Measures() {}

  /** Whether the measure {@code paper} is asked for. */
  public static boolean paper(EvaluateConfig config) {
    return asksFor(config, PaperMeasure.NAME);
  }

  /** Whether the measure {@code cityscapes} is asked for. */
  public static boolean cityscapes(EvaluateConfig config) {
    return asksFor(config, CityscapesMeasure.NAME);
  }

  /**
   * The dilation ratio of boundary scores, where they are asked for beside those of the measure.
   */
  static Optional<Double> boundary(EvaluateConfig config) {
    return config.getBoundary() && cityscapes(config)
        ? Optional.of(BoundaryCounter.DILATION_RATIO)
        : Optional.empty();
  }

  private static boolean asksFor(EvaluateConfig config, String measure) {
    return switch (config.getMeasure()) {
      case BOTH -> true;
      case PaperMeasure.NAME, CityscapesMeasure.NAME -> config.getMeasure().equals(measure);
      default ->
          throw new IllegalArgumentException(
              "Invalid evaluate.measure: '"
                  + config.getMeasure()
                  + "' (must be paper, cityscapes or both)");
    };
  }
}
