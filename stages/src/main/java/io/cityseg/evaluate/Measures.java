package io.cityseg.evaluate;

import io.cityseg.proto.EvaluateConfig;

/** Which measures {@code evaluate.measure} asks for. */
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
