package io.cityseg.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.cityseg.augment.Augmentation;
import io.cityseg.augment.RandomStream;
import io.cityseg.evaluate.Batch;
import io.cityseg.evaluate.PaperMeasure;
import io.cityseg.evaluate.Predictions;
import io.cityseg.model.Logits;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.model.TorchEngine;
import io.cityseg.proto.EpochHistory;
import io.cityseg.proto.TrainConfig;
import io.cityseg.score.ConfusionCounts;
import io.cityseg.stage.StageException;
import io.cityseg.store.StoreException;
import java.util.Arrays;
import java.util.Optional;

/**
 * The training loop of the reference run: an epoch is one pass over the training split, batch by
 * batch, and one over the validation split.
 *
 * <p>A step depends on the weights, on the optimiser's state, on the seed and on the numbers of the
 * epoch and of the step, and on nothing else: an epoch that continues a stopped training, from its
 * beginning or from within, gives the same bytes as one that was never stopped. One step's arrays
 * live in one sub-manager, so memory stays flat. For one thread, which must hold the {@link
 * io.cityseg.model.EngineTurn}.
 */
final class Trainer {
  private final SegmentationNetwork network;
  private final Optimization optimization;
  private final Learner learner;
  private final Criterion criterion;
  private final Criterion validation;
  private final BatchParts parts;
  private final LearningRates rates;
  private final TrainConfig config;
  private final Splits splits;
  private final BatchLoader loader;
  private final Pace pace;

  /** What it trains on and what it validates on. */
  record Splits(SplitExamples train, SplitExamples val) {
    /**
     * Validation sees whole images: of those, as many at once as have a training batch's pixels,
     * and one at least.
     */
    int valBatchSize(TrainConfig config) {
      Augmentation augmentation = Augmentation.of(config);
      long trained = (long) augmentation.height(train.height()) * augmentation.width(train.width());
      long whole = (long) val.height() * val.width();
      long fitting = Math.max(1, config.getBatchSize() * trained / whole);
      return (int) Math.min(config.getBatchSize(), fitting);
    }

    /** The most pixels that a batch has, of either split. */
    int pixels(TrainConfig config) {
      Augmentation augmentation = Augmentation.of(config);
      // The last batch of an epoch may hold one image more.
      int training =
          Math.multiplyExact(
              config.getBatchSize() + 1,
              augmentation.height(train.height()) * augmentation.width(train.width()));
      int validation = Math.multiplyExact(valBatchSize(config), val.height() * val.width());
      return Math.max(training, validation);
    }
  }

  /** Stores the state of training in the middle of an epoch. */
  @FunctionalInterface
  interface StepSaver {
    /**
     * Stores it.
     *
     * @param tally the epoch's so far
     */
    void save(Tally tally) throws StageException, StoreException;
  }

  /**
   * @param network is trained in place
   * @param optimization made for the network
   * @param criterion what is made small
   * @param loader with room for a batch and one image more
   */
  Trainer(
      SegmentationNetwork network,
      Optimization optimization,
      Criterion criterion,
      TrainConfig config,
      Splits splits,
      BatchLoader loader,
      Pace pace) {
    this.network = network;
    this.optimization = optimization;
    this.criterion = criterion;
    this.validation = criterion.validation();
    this.learner =
        new Learner(
            (input, remembered) ->
                remembered ? network.forward(input, true, true) : network.forwardAside(input, true),
            Learner.trained(network, config.getAuxLossWeight()),
            optimization.optimizer(),
            config.getWeightDecay(),
            criterion);
    this.parts = new BatchParts(config.getAccumulate(), config.getReplicas());
    this.rates = LearningRates.of(config, stepsPerEpoch(splits, config));
    this.config = config;
    this.splits = splits;
    this.loader = loader;
    this.pace = pace;
  }

  /** Number of steps that an epoch takes. */
  static int stepsPerEpoch(Splits splits, TrainConfig config) {
    return EpochOrder.steps(splits.train().items(), config.getBatchSize());
  }

  /**
   * Trains and validates one epoch.
   *
   * @param epoch counted from 1
   * @param begun what has been summed over its steps already; empty when it begins
   * @param saver is called after every {@code train.checkpoint_every_steps} steps but the last
   * @throws StageException when the loss is no longer a number, or an example cannot be read
   * @throws InterruptedException when the thread is interrupted; the network is then of no use
   */
  EpochHistory epoch(int epoch, Optional<Tally> begun, StepSaver saver)
      throws StageException, StoreException, InterruptedException {
    EpochOrder order =
        EpochOrder.of(
            splits.train().items(),
            config.getBatchSize(),
            config.getFlipProbability(),
            config.getSeed(),
            epoch);
    Tally training = begun.orElseGet(() -> new Tally(network.numClasses()));
    int steps = order.batches().size();
    var examples =
        new AugmentedExamples(splits.train(), Augmentation.of(config), config.getSeed(), epoch);
    BatchLoader.Pass batches =
        loader.pass(examples, order.batches().subList(training.steps(), steps));
    pace.begin(epoch);
    int every = config.getCheckpointEverySteps();
    while (batches.hasNext()) {
      stopIfInterrupted();
      Batch batch = batches.next();
      Step done = step(batch, training, epoch);
      pace.trained(
          new Pace.Step(done.loss(), done.learningRate(), batch.size(), batches.waitedNanos()));
      boolean last = training.steps() == steps;
      boolean saved = every > 0 && training.steps() % every == 0 && !last;
      if (last || saved) {
        stopUnlessFinite(epoch, training.steps(), batch);
      }
      if (saved) {
        pace.saving();
        saver.save(training);
      }
    }
    optimization.exchange();
    try {
      return history(epoch, training, validateFrozen(epoch));
    } finally {
      optimization.exchange();
    }
  }

  private EpochHistory history(int epoch, Tally training, Tally validated) {
    PaperMeasure measure = PaperMeasure.of(validated.confusion());
    return EpochHistory.newBuilder()
        .setEpoch(epoch)
        .setSteps(training.steps())
        .setTrainLoss(training.meanLoss())
        .setTrainMeanIou(PaperMeasure.of(training.confusion()).meanIou().orElse(0))
        .setValLoss(validated.meanLoss())
        .setValMeanIou(measure.meanIou().orElse(0))
        .setValPixelAccuracy(measure.pixelAccuracy().orElse(0))
        .setLearningRate(rates.at(stepsBefore(epoch, training.steps())))
        .build();
  }

  private static long stepsBefore(int epoch, int stepsPerEpoch) {
    return (long) (epoch - 1) * stepsPerEpoch;
  }

  /**
   * What a step did.
   *
   * @param loss before the update; 0 where there was nothing to learn from
   */
  private record Step(double loss, double learningRate) {}

  /** One update of the weights. The random numbers of a step are its own. */
  private Step step(Batch batch, Tally tally, int epoch)
      throws StageException, InterruptedException {
    int step = tally.steps() + 1;
    TorchEngine.seed(new RandomStream(config.getSeed(), "dropout", epoch, step).nextLong());
    double total = criterion.weights().total(batch.targets());
    double loss = backward(batch, total, tally.confusion());
    stopIfInterrupted(); // the gradients may be those of some chunks alone
    if (total == 0) {
      // Void alone: PyTorch's loss is 0/0, and its gradient 0. Nothing is learnt from it.
      tally.addWithoutLoss();
      return new Step(0, 0);
    }
    if (!Double.isFinite(loss)) {
      throw diverged("the loss is %s in epoch %d, step %d".formatted(loss, epoch, step), batch);
    }
    long stepOfAll = stepsBefore(epoch, stepsPerEpoch(splits, config)) + step - 1;
    learner.update(rates.inStep(stepOfAll));
    optimization.updated();
    tally.add(loss);
    return new Step(loss, rates.at(stepOfAll));
  }

  /**
   * What is stored is gone on from. A finite loss is no proof: it is that of the weights before the
   * update.
   */
  private void stopUnlessFinite(int epoch, int step, Batch batch) throws StageException {
    Optional<String> broken = network.firstNotFinite();
    if (broken.isPresent()) {
      throw diverged(
          "%s has a value that is no number after epoch %d, step %d"
              .formatted(broken.get(), epoch, step),
          batch);
    }
  }

  private StageException diverged(String what, Batch batch) {
    return new StageException(
        "Training diverged: %s (items %s); lower train.learning_rate (now %s) or begin from other weights. What was stored before stays"
            .formatted(what, String.join(", ", batch.ids()), config.getLearningRate()));
  }

  private double backward(Batch batch, double total, ConfusionCounts confusion) {
    try (NDManager scope = network.manager().newSubManager();
        NDArray input = batch.input(scope);
        NDArray targets = batch.targets(scope)) {
      Learner.Observer observer = (from, logits) -> count(batch, from, logits, confusion);
      return parts.equals(BatchParts.WHOLE)
          ? learner.backward(input, targets, observer)
          : learner.backward(
              input, targets, parts.of(batch.size()), total == 0 ? 1 : total, observer);
    }
  }

  private static void count(Batch batch, int from, NDArray logits, ConfusionCounts confusion) {
    byte[] predictions = Predictions.of(logits);
    int pixels = batch.height() * batch.width();
    byte[] targets =
        predictions.length == batch.targets().length
            ? batch.targets()
            : Arrays.copyOfRange(
                batch.targets(), from * pixels, from * pixels + predictions.length);
    confusion.add(targets, predictions);
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
        loader.pass(splits.val(), splits.val().inOrder(splits.valBatchSize(config)));
    while (batches.hasNext()) {
      stopIfInterrupted();
      Batch batch = batches.next();
      try (NDManager scope = network.manager().newSubManager();
          NDArray input = batch.input(scope);
          NDArray targets = batch.targets(scope);
          Logits logits = network.forward(input, false, false);
          NDArray loss = validation.mean(logits, targets)) {
        tally.confusion().add(batch.targets(), Predictions.of(logits.out()));
        if (validation.weights().total(batch.targets()) == 0) {
          tally.addWithoutLoss();
        } else if (Float.isFinite(loss.getFloat())) {
          tally.add(loss.getFloat());
        } else {
          throw diverged(
              "the validation loss is %s after epoch %d".formatted(loss.getFloat(), epoch), batch);
        }
      }
      pace.validated();
    }
    return tally;
  }

  private static void stopIfInterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while training");
    }
  }
}
