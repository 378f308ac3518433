package io.cityseg.config;

import io.cityseg.augment.Augmentation;
import io.cityseg.evaluate.Measures;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.train.TrainChecks;
import java.util.ArrayList;
import java.util.List;

/** Parameters that do not go together, though each is in its range. */
final class ConfigChecks {
  private ConfigChecks() {}

  /**
   * Looks at a complete configuration.
   *
   * @throws ConfigException with all problems
   */
  static void check(PipelineConfig config) throws ConfigException {
    List<String> problems = new ArrayList<>(TrainChecks.problems(config.getTrain()));
    try {
      Augmentation.of(config.getTrain());
    } catch (IllegalArgumentException e) {
      problems.add("Invalid augmentation: " + e.getMessage());
    }
    String keep = config.getTrain().getKeep();
    if (config.getEvaluate().getCheckpoints().equals("best")
        && (keep.equals("last") || keep.equals("every"))) {
      problems.add(
          "Invalid evaluate.checkpoints: 'best' with train.keep %s, which may drop the best one (set train.keep to best or all)"
              .formatted(keep));
    }
    if (config.getEvaluate().getBoundary() && !Measures.cityscapes(config.getEvaluate())) {
      problems.add(
          "Invalid evaluate.boundary: true with evaluate.measure %s, which has no boundary scores (set evaluate.measure to cityscapes or both)"
              .formatted(config.getEvaluate().getMeasure()));
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
  }
}
