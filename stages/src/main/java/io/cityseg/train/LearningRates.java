package io.cityseg.train;

import static java.util.Objects.requireNonNull;

import io.cityseg.proto.TrainConfig;
import java.util.function.ToDoubleFunction;

/**
 * The learning rate of every step and parameter.
 *
 * @param base before the first step, 0 or more
 * @param schedule how it goes on
 * @param power the exponent of {@link Schedule#POLY}
 * @param totalSteps of the whole training, at least 1
 * @param headFactor factor for the parameters of both heads, 0 or more
 */
record LearningRates(
    double base, Schedule schedule, double power, long totalSteps, double headFactor) {
  private static final String HEAD = "classifier.";
  private static final String AUX_HEAD = "aux_classifier.";

  /** How a learning rate changes over the steps. */
  enum Schedule {
    /** It does not. */
    CONSTANT,
    /**
     * base * (1 - s/S)^power before step s of S, counted from 0: DeepLab's (Chen et al. 2017, and
     * {@code torch.optim.lr_scheduler.PolynomialLR}).
     */
    POLY
  }

  LearningRates {
    requireNonNull(schedule, "schedule");
    if (!(base >= 0) || !(power >= 0) || totalSteps < 1 || !(headFactor >= 0)) {
      throw new IllegalArgumentException(
          "Invalid learning rates: base %s, power %s, head factor %s (all 0 or more), %d steps (1 or more)"
              .formatted(base, power, headFactor, totalSteps));
    }
  }

  /** Those that a configuration asks for. */
  static LearningRates of(TrainConfig config, int stepsPerEpoch) {
    Schedule schedule = config.getSchedule().equals("poly") ? Schedule.POLY : Schedule.CONSTANT;
    return new LearningRates(
        config.getLearningRate(),
        schedule,
        config.getPolyPower(),
        (long) config.getEpochs() * stepsPerEpoch,
        config.getHeadLearningRateFactor());
  }

  /**
   * The rate of the backbone's parameters in a step.
   *
   * @param step counted from 0
   */
  double at(long step) {
    if (step < 0 || step >= totalSteps) {
      throw new IllegalArgumentException(
          "Invalid step: " + step + " (must be 0.." + (totalSteps - 1) + ")");
    }
    return switch (schedule) {
      case CONSTANT -> base;
      case POLY -> base * Math.pow(1 - (double) step / totalSteps, power);
    };
  }

  /**
   * The rate of every parameter in a step, by torchvision's name.
   *
   * @param step counted from 0
   */
  ToDoubleFunction<String> inStep(long step) {
    double rate = at(step);
    return name -> name.startsWith(HEAD) || name.startsWith(AUX_HEAD) ? rate * headFactor : rate;
  }
}
