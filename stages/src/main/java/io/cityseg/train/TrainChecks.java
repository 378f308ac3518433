package io.cityseg.train;

import io.cityseg.proto.TrainConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** What is wrong with a training's parameters taken together: each alone is in its range. */
public final class TrainChecks {
  private TrainChecks() {}

  /** Problems that the parameters alone show. */
  public static List<String> problems(TrainConfig config) {
    List<String> problems = new ArrayList<>();
    ClassWeights.problem(config.getClassWeights()).ifPresent(problems::add);
    if (config.getOptimizer().equals("sgd") && config.getNesterov() && config.getMomentum() == 0) {
      problems.add("Invalid train.nesterov: true with train.momentum 0 (it must be above 0)");
    }
    if (config.getOhemThreshold() > 0 && (config.getAccumulate() > 1 || config.getReplicas() > 1)) {
      problems.add(
          "Invalid train.ohem_threshold: %s with train.accumulate %d and train.replicas %d; hard examples are chosen among all pixels of a batch, so that both must be 1"
              .formatted(config.getOhemThreshold(), config.getAccumulate(), config.getReplicas()));
    }
    return problems;
  }

  /**
   * Problems with the batches that a number of images is cut into: batch normalisation over the
   * pooled 1 x 1 map needs two images in every chunk (PyTorch: "Expected more than 1 value per
   * channel when training").
   */
  static List<String> problems(TrainConfig config, int items) {
    var parts = new BatchParts(config.getAccumulate(), config.getReplicas());
    var sizes = new TreeSet<Integer>();
    EpochOrder.of(items, config.getBatchSize(), 0, 0, 1)
        .batches()
        .forEach(batch -> sizes.add(batch.size()));
    List<String> problems = new ArrayList<>();
    for (int size : sizes) {
      if (!parts.fit(size)) {
        problems.add(
            "train.replicas %d and train.accumulate %d cut a batch of %d images into chunks of %s, and batch normalisation needs at least 2 in each (PyTorch refuses one, too); lower train.replicas or change train.batch_size (now %d)"
                .formatted(
                    config.getReplicas(),
                    config.getAccumulate(),
                    size,
                    parts.of(size).stream().map(BatchParts.Chunk::size).toList(),
                    config.getBatchSize()));
      }
    }
    return problems;
  }
}
