package io.cityseg.train;

import ai.djl.Device;
import io.cityseg.model.Checkpoints;
import io.cityseg.model.DeterministicOperations;
import io.cityseg.model.Precision;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.model.Tensor;
import io.cityseg.model.TorchEngine;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.EpochManifest;
import io.cityseg.proto.ExecutionFacts;
import io.cityseg.proto.Progress;
import io.cityseg.proto.SplitManifest;
import io.cityseg.proto.StepManifest;
import io.cityseg.proto.TrainConfig;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.Stopwatch;
import io.cityseg.store.StoreException;
import io.cityseg.train.Trainer.Splits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One training from where the store has got to, to its end; it commits every epoch, and states in
 * between, as it goes. For one thread, which must hold the {@link io.cityseg.model.EngineTurn}.
 */
final class TrainingRun {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

  private final TrainConfig config;
  private final Inputs inputs;
  private final StageContext context;
  private final EpochActions actions;
  private final StepActions steps;
  private final EpochRules rules;
  private final List<EpochManifest> done;

  /**
   * What is trained.
   *
   * @param initial a CheckpointManifest
   * @param subject for people
   * @param anew whether what other runs have trained is not to be used
   */
  record Inputs(
      ArtifactRef initial, SplitManifest train, SplitManifest val, String subject, boolean anew) {}

  /**
   * @param actions its epochs in the store
   */
  TrainingRun(TrainConfig config, Inputs inputs, StageContext context, EpochActions actions)
      throws StoreException {
    this.config = config;
    this.inputs = inputs;
    this.context = context;
    this.actions = actions;
    this.steps = new StepActions(actions, context);
    this.rules = EpochRules.of(config);
    this.done = new ArrayList<>(actions.finished(inputs.anew()));
  }

  /** All epochs: those that are there, and then those that are trained now. */
  List<EpochManifest> epochs() throws StageException, StoreException, InterruptedException {
    if (!rules.end(done)) {
      train();
    }
    if (done.size() < config.getEpochs()) {
      LOG.info(
          "Training ended after epoch {} of {}: {} epochs were not better than the best by {}",
          done.size(),
          config.getEpochs(),
          config.getEarlyStoppingPatience(),
          config.getBestBy());
    }
    return List.copyOf(done);
  }

  private void train() throws StageException, StoreException, InterruptedException {
    Device device = TorchEngine.device(config.getDevice());
    var splits =
        new Splits(
            SplitExamples.open(inputs.train(), context.store()),
            SplitExamples.open(inputs.val(), context.store()));
    int stepsPerEpoch = Trainer.stepsPerEpoch(splits, config);
    Optional<StepManifest> within = steps.latest(done.size() + 1, done, inputs.anew());
    Pace pace = pace(stepsPerEpoch, within.map(at -> at.getTally().getSteps()).orElse(0));
    try (DeterministicOperations deterministic =
            config.getDeterministic() ? DeterministicOperations.on(device) : null;
        SegmentationNetwork network =
            SegmentationNetwork.load(checkpoint(within), context.store(), device);
        Optimization optimization = Optimization.of(config, network, state(within));
        BatchLoader loader =
            new BatchLoader(
                inputThreads(device), config.getBatchesAhead(), splits.pixels(config))) {
      LOG.debug("Deterministic operations: {}", deterministic != null);
      network.trainIn(Precision.of(config.getPrecision()));
      var trainer = new Trainer(network, optimization, criterion(), config, splits, loader, pace);
      Optional<Tally> tally = within.map(at -> Tally.of(at.getTally()));
      while (!rules.end(done)) {
        epoch(trainer, tally, new Held(network, optimization), pace);
        tally = Optional.empty();
      }
    }
  }

  /** On a CPU the network wants the processors; beside a GPU half of them are enough. */
  private int inputThreads(Device device) {
    if (config.getInputThreads() > 0) {
      return config.getInputThreads();
    }
    return device.isGpu() ? Math.max(1, Runtime.getRuntime().availableProcessors() / 2) : 1;
  }

  /** What is stored of a training. */
  private record Held(SegmentationNetwork network, Optimization optimization) {}

  private void epoch(Trainer trainer, Optional<Tally> tally, Held held, Pace pace)
      throws StageException, StoreException, InterruptedException {
    Stopwatch clock = Stopwatch.start(context.runId());
    int epoch = done.size() + 1;
    var trained = EpochManifest.newBuilder().setEpoch(epoch);
    trained.setHistory(trainer.epoch(epoch, tally, sums -> save(epoch, sums, held, clock)));
    pace.saving();
    held.optimization().exchange();
    try {
      trained.setCheckpoint(Checkpoints.put(held.network(), context.store()));
      trained.setOptimizerState(actions.putState(held.optimization().state()));
    } finally {
      held.optimization().exchange();
    }
    ExecutionFacts facts = facts(clock, held).toBuilder().setTraining(pace.ofEpoch()).build();
    actions.commit(trained.build(), done, facts);
    steps.drop(epoch, done);
    done.add(trained.build());
  }

  private void save(int epoch, Tally sums, Held held, Stopwatch clock)
      throws StageException, StoreException {
    var state = StepManifest.newBuilder().setEpoch(epoch).setTally(sums.toProto());
    held.optimization().exchange();
    try {
      state.setCheckpoint(Checkpoints.put(held.network(), context.store()));
      state.setOptimizerState(actions.putState(held.optimization().state()));
    } finally {
      held.optimization().exchange();
    }
    steps.commit(state.build(), done, facts(clock, held));
  }

  private static ExecutionFacts facts(Stopwatch clock, Held held) throws StageException {
    return clock.facts().toBuilder()
        .setDevice(held.network().manager().getDevice().getDeviceType())
        .setThreads(TorchEngine.threads())
        .build();
  }

  private Pace pace(int stepsPerEpoch, int stepsWithin) {
    if (!done.isEmpty() || stepsWithin > 0) {
      context.progress().tell(continuing(stepsPerEpoch, stepsWithin));
    }
    Pace pace =
        new Pace(
            context.progress(), inputs.subject(), config.getEpochs(), stepsPerEpoch, done.size());
    pace.skip(stepsWithin);
    return pace;
  }

  private Progress continuing(int stepsPerEpoch, int stepsWithin) {
    String place =
        stepsWithin == 0
            ? "epoch %d/%d".formatted(done.size(), config.getEpochs())
            : "step %d/%d of epoch %d/%d"
                .formatted(stepsWithin, stepsPerEpoch, done.size() + 1, config.getEpochs());
    return Progress.newBuilder()
        .setStage("train")
        .setDone((long) done.size() * stepsPerEpoch + stepsWithin)
        .setTotal((long) config.getEpochs() * stepsPerEpoch)
        .setUnit("steps")
        .setMessage("goes on after " + place + ", which the store has")
        .build();
  }

  private CheckpointManifest checkpoint(Optional<StepManifest> within) throws StoreException {
    ArtifactRef start = inputs.initial();
    if (within.isPresent()) {
      start = within.get().getCheckpoint();
    } else if (!done.isEmpty()) {
      start = done.get(done.size() - 1).getCheckpoint();
    }
    return context.store().readManifest(start, CheckpointManifest.parser());
  }

  private Optional<Map<String, Tensor>> state(Optional<StepManifest> within)
      throws StageException, StoreException {
    if (within.isPresent()) {
      return Optional.of(actions.readState(within.get().getOptimizerState()));
    }
    return done.isEmpty()
        ? Optional.empty()
        : Optional.of(actions.readState(done.get(done.size() - 1).getOptimizerState()));
  }

  private Criterion criterion() {
    PixelWeights weights =
        ClassWeights.of(
            config.getClassWeights(),
            config.getVoidPixels().equals("ignore"),
            inputs.train().getClassPixelsList());
    Optional<HardExamples> hard =
        config.getOhemThreshold() > 0
            ? Optional.of(new HardExamples(config.getOhemThreshold(), config.getOhemMinKept()))
            : Optional.empty();
    return new Criterion(weights, config.getAuxLossWeight(), hard);
  }
}
