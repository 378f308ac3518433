package io.cityseg.train;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import io.cityseg.model.Checkpoints;
import io.cityseg.model.EngineTurn;
import io.cityseg.model.Precision;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.model.TorchEngine;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.EpochManifest;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.Piece;
import io.cityseg.proto.Progress;
import io.cityseg.proto.SplitManifest;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.TrainConfig;
import io.cityseg.proto.TrainedEpoch;
import io.cityseg.proto.TrainingManifest;
import io.cityseg.stage.Stage;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.stage.Stopwatch;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.Lease;
import io.cityseg.store.Leases;
import io.cityseg.store.StoreException;
import io.cityseg.train.Trainer.Splits;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stage train: fine-tunes the initial checkpoint and commits every epoch as it ends.
 *
 * <p>Inputs: "initial" (CheckpointManifest), "train" and "val" (SplitManifests). Result: a
 * TrainingManifest. One piece, since every step needs the one before.
 */
public final class TrainStage implements Stage {
  private static final Logger LOG = LoggerFactory.getLogger(TrainStage.class);

  /** Role of the checkpoint that training begins from. */
  public static final String INITIAL = "initial";

  /** Role of the split that is trained on. */
  public static final String TRAIN = "train";

  /** Role of the split that every epoch is validated on. */
  public static final String VAL = "val";

  @Override
  public String name() {
    return "train";
  }

  @Override
  public int codeVersion() {
    return 2;
  }

  @Override
  public List<Parameter> environment() {
    return TorchEngine.environment();
  }

  @Override
  public List<Piece> split(StageCall call, StageContext context)
      throws StageException, StoreException {
    SplitManifest train = split(call, TRAIN, context);
    SplitManifest val = split(call, VAL, context);
    List<String> problems = new ArrayList<>();
    if (train.getItems() < 2) {
      problems.add(
          "the split 'train' has %d images (batch normalisation needs at least 2)"
              .formatted(train.getItems()));
    }
    if (val.getItems() < 1) {
      problems.add("the split 'val' has no images");
    }
    if (!problems.isEmpty()) {
      throw new StageException("Cannot train: " + String.join("; ", problems));
    }
    return List.of(StageKeys.whole(this, call));
  }

  @Override
  public ArtifactRef run(Piece piece, StageContext context)
      throws StageException, StoreException, InterruptedException {
    TrainConfig config = piece.getWhole().getConfig().getTrain();
    try (Lease lease = lease(piece, context);
        EngineTurn turn = EngineTurn.take()) {
      LOG.debug("Training under the lease {}", lease.key());
      turn.threads(config.getThreads());
      List<EpochManifest> epochs = epochs(piece, config, context);
      return context.store().putManifest(manifest(epochs));
    } catch (EngineException | OutOfMemoryError e) {
      throw new StageException(
          "Training failed in the engine: %s; if memory ran out, lower train.batch_size (now %d), shards.height or shards.width"
              .formatted(e.getMessage(), config.getBatchSize()),
          e);
    }
  }

  @Override
  public ArtifactRef gather(StageCall call, List<ArtifactRef> results, StageContext context) {
    return results.get(0);
  }

  /**
   * Of several runs that want the same training one trains; the others wait, and then find it in
   * the store.
   */
  private static Lease lease(Piece piece, StageContext context)
      throws StoreException, InterruptedException {
    var waiting = Progress.newBuilder().setStage("train").setTotal(1).setUnit("training");
    return new Leases(context.store().objects())
        .acquire(
            ActionKeys.digest(piece.getKey()),
            "train",
            context.runId(),
            holder ->
                context
                    .progress()
                    .tell(
                        waiting
                            .setMessage(
                                "waiting for run %s (%s), which trains the same"
                                    .formatted(holder.getRunId(), holder.getHolder()))
                            .build()));
  }

  /** All epochs: those that the store has, and then those that are trained now. */
  private static List<EpochManifest> epochs(Piece piece, TrainConfig config, StageContext context)
      throws StageException, StoreException, InterruptedException {
    StageCall call = piece.getWhole();
    var actions = new EpochActions(piece.getKey(), context);
    List<EpochManifest> done =
        new ArrayList<>(call.getForce() ? List.of() : actions.finished(config.getEpochs()));
    if (done.size() == config.getEpochs()) {
      return done;
    }
    Device device = TorchEngine.device(config.getDevice());
    SplitExamples train = SplitExamples.open(split(call, TRAIN, context), context.store());
    SplitExamples val = SplitExamples.open(split(call, VAL, context), context.store());
    int steps = EpochOrder.steps(train.items(), config.getBatchSize());
    if (!done.isEmpty()) {
      context.progress().tell(continuing(done.size(), config.getEpochs(), steps));
    }
    var pace =
        new Pace(
            context.progress(),
            call.getSubject(),
            config.getEpochs(),
            steps,
            done.size(),
            config.getLearningRate());
    ArtifactRef start =
        done.isEmpty() ? StageKeys.input(call, INITIAL) : done.get(done.size() - 1).getCheckpoint();
    CheckpointManifest checkpoint =
        context.store().readManifest(start, CheckpointManifest.parser());
    try (SegmentationNetwork network =
            SegmentationNetwork.load(checkpoint, context.store(), device);
        Adam adam = adam(network, config, actions, done);
        BatchLoader loader =
            new BatchLoader(config.getBatchSize() + 1, train.height(), train.width())) {
      network.trainIn(Precision.of(config.getPrecision()));
      var trainer = new Trainer(network, adam, config, new Splits(train, val), loader, pace);
      while (done.size() < config.getEpochs()) {
        Stopwatch clock = Stopwatch.start(context.runId());
        int epoch = done.size() + 1;
        var trained = EpochManifest.newBuilder().setEpoch(epoch).setHistory(trainer.epoch(epoch));
        pace.saving(epoch);
        trained.setCheckpoint(Checkpoints.put(network, context.store()));
        trained.setOptimizerState(actions.putState(adam));
        actions.commit(
            trained.build(),
            done,
            clock.facts().toBuilder()
                .setDevice(device.getDeviceType())
                .setThreads(TorchEngine.threads())
                .build());
        done.add(trained.build());
      }
    }
    return done;
  }

  private static Progress continuing(int done, int epochs, int steps) {
    return Progress.newBuilder()
        .setStage("train")
        .setDone((long) done * steps)
        .setTotal((long) epochs * steps)
        .setUnit("steps")
        .setMessage("goes on after epoch %d/%d, which the store has".formatted(done, epochs))
        .build();
  }

  private static Adam adam(
      SegmentationNetwork network,
      TrainConfig config,
      EpochActions actions,
      List<EpochManifest> done)
      throws StageException, StoreException {
    var settings =
        new Adam.Settings(
            config.getLearningRate(), config.getBeta1(), config.getBeta2(), config.getEpsilon());
    var parameters = Learner.trained(network, config.getAuxLossWeight());
    return done.isEmpty()
        ? Adam.fresh(settings, parameters, network.manager())
        : Adam.resumed(
            settings, parameters, network.manager(), actions.readState(done.get(done.size() - 1)));
  }

  private static SplitManifest split(StageCall call, String role, StageContext context)
      throws StoreException {
    return context.store().readManifest(StageKeys.input(call, role), SplitManifest.parser());
  }

  private static TrainingManifest manifest(List<EpochManifest> epochs) {
    var training = TrainingManifest.newBuilder();
    for (EpochManifest epoch : epochs) {
      training.addEpochs(
          TrainedEpoch.newBuilder()
              .setEpoch(epoch.getEpoch())
              .setCheckpoint(epoch.getCheckpoint())
              .setHistory(epoch.getHistory()));
    }
    return training.build();
  }
}
