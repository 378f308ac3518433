package io.cityseg.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.cityseg.evaluate.Batch;
import io.cityseg.evaluate.ConfusionCounts;
import io.cityseg.evaluate.PaperMeasure;
import io.cityseg.evaluate.Predictions;
import io.cityseg.model.Logits;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.model.TorchEngine;
import io.cityseg.proto.EpochHistory;
import io.cityseg.proto.TrainConfig;
import io.cityseg.stage.StageException;

/**
 * The training loop of the reference run: an epoch is one pass over the training split, batch by
 * batch, and one over the validation split.
 *
 * <p>An epoch depends on the weights, on the optimiser's state, on the seed and on the epoch's
 * number, and on nothing else: one that continues a stopped training gives the same bytes as one
 * that was never stopped. One step's arrays live in one sub-manager, so memory stays flat. For one
 * thread, which must hold the {@link io.cityseg.model.EngineTurn}.
 */
final class Trainer {
  private final SegmentationNetwork network;
  private final Learner learner;
  private final TrainConfig config;
  private final Splits splits;
  private final BatchLoader loader;
  private final Pace pace;

  /** What it trains on and what it validates on. */
  record Splits(SplitExamples train, SplitExamples val) {}

  /**
   * @param network is trained in place
   * @param adam made for the {@link Learner#trained} parameters of the network
   * @param loader with room for a batch and one image more
   */
  Trainer(
      SegmentationNetwork network,
      Adam adam,
      TrainConfig config,
      Splits splits,
      BatchLoader loader,
      Pace pace) {
    this.network = network;
    this.learner =
        new Learner(
            input -> network.forward(input, true, true),
            Learner.trained(network, config.getAuxLossWeight()),
            adam,
            config.getAuxLossWeight());
    this.config = config;
    this.splits = splits;
    this.loader = loader;
    this.pace = pace;
  }

  /**
   * Trains and validates one epoch.
   *
   * @param epoch counted from 1
   * @throws StageException when the loss is no longer a number, or an example cannot be read
   * @throws InterruptedException when the thread is interrupted; the network is then of no use
   */
  EpochHistory epoch(int epoch) throws StageException, InterruptedException {
    TorchEngine.seed(new RandomStream(config.getSeed(), "dropout", epoch).nextLong());
    EpochOrder order =
        EpochOrder.of(
            splits.train().items(),
            config.getBatchSize(),
            config.getFlipProbability(),
            config.getSeed(),
            epoch);
    Tally training = new Tally(network.numClasses());
    BatchLoader.Pass batches = loader.pass(splits.train(), order.batches());
    while (batches.hasNext()) {
      stopIfInterrupted();
      Batch batch = batches.next();
      double loss = step(batch, training.confusion, epoch, training.batches + 1);
      training.add(loss);
      pace.trained(epoch, loss, batch.size());
    }
    Tally validation = validateFrozen(epoch);
    PaperMeasure validated = PaperMeasure.of(validation.confusion);
    return EpochHistory.newBuilder()
        .setEpoch(epoch)
        .setSteps(training.batches)
        .setTrainLoss(training.meanLoss())
        .setTrainMeanIou(PaperMeasure.of(training.confusion).meanIou().orElse(0))
        .setValLoss(validation.meanLoss())
        .setValMeanIou(validated.meanIou().orElse(0))
        .setValPixelAccuracy(validated.pixelAccuracy().orElse(0))
        .setLearningRate(config.getLearningRate())
        .build();
  }

  /** One update of the weights; returns the loss before it. */
  private double step(Batch batch, ConfusionCounts confusion, int epoch, int step)
      throws StageException {
    try (NDManager scope = network.manager().newSubManager();
        NDArray input = batch.input(scope);
        NDArray targets = batch.targets(scope)) {
      float loss =
          learner.backward(
              input, targets, logits -> confusion.add(batch.targets(), Predictions.of(logits)));
      if (!Float.isFinite(loss)) {
        throw new StageException(
            "Training diverged: the loss is %s in epoch %d, step %d (items %s); lower train.learning_rate (now %s) or begin from other weights"
                .formatted(
                    loss, epoch, step, String.join(", ", batch.ids()), config.getLearningRate()));
      }
      learner.update();
      return loss;
    }
  }

  private Tally validateFrozen(int epoch) throws StageException, InterruptedException {
    network.freeze();
    try {
      return validate(epoch);
    } finally {
      network.thaw();
    }
  }

  private Tally validate(int epoch) throws StageException, InterruptedException {
    Tally tally = new Tally(network.numClasses());
    BatchLoader.Pass batches =
        loader.pass(splits.val(), splits.val().inOrder(config.getBatchSize()));
    while (batches.hasNext()) {
      stopIfInterrupted();
      Batch batch = batches.next();
      try (NDManager scope = network.manager().newSubManager();
          NDArray input = batch.input(scope);
          NDArray targets = batch.targets(scope);
          Logits logits = network.forward(input, false, false);
          NDArray loss = CrossEntropy.of(logits.out(), targets)) {
        tally.confusion.add(batch.targets(), Predictions.of(logits.out()));
        tally.add(loss.getFloat());
      }
      pace.validated(epoch);
    }
    return tally;
  }

  private static void stopIfInterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while training");
    }
  }

  /** Sums over an epoch's batches. */
  private static final class Tally {
    private final ConfusionCounts confusion;
    private int batches;
    private double losses;

    private Tally(int classes) {
      this.confusion = new ConfusionCounts(classes);
    }

    private void add(double loss) {
      batches++;
      losses += loss;
    }

    private double meanLoss() {
      return losses / batches;
    }
  }
}
