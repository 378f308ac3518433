package io.cityseg.train;

import ai.djl.engine.EngineException;
import io.cityseg.augment.Augmentation;
import io.cityseg.model.EngineTurn;
import io.cityseg.model.TorchEngine;
import io.cityseg.proto.ArtifactRef;
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
import io.cityseg.store.ActionKeys;
import io.cityseg.store.Lease;
import io.cityseg.store.Leases;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
    // 2: every step has random numbers of its own, the layers compute channels innermost
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
    TrainConfig config = call.getConfig().getTrain();
    problems.addAll(TrainChecks.problems(config));
    if (train.getItems() >= 2) {
      problems.addAll(TrainChecks.problems(config, Math.toIntExact(train.getItems())));
    }
    try {
      Augmentation.of(config);
    } catch (IllegalArgumentException e) {
      problems.add(e.getMessage());
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
      return trained(piece, config, context);
    } catch (EngineException | OutOfMemoryError e) {
      throw EngineFailure.of(e, config);
    }
  }

  private static ArtifactRef trained(Piece piece, TrainConfig config, StageContext context)
      throws StageException, StoreException, InterruptedException {
    try {
      EpochRules rules = EpochRules.of(config);
      return context.store().putManifest(manifest(epochs(piece, config, rules, context), rules));
    } catch (StageException | StoreException e) {
      // An interruption breaks reads and writes off, which say so in their own way. Its mark is
      // taken from the thread, which has a lease to give back.
      if (Thread.interrupted()) {
        var interruption = new InterruptedException("interrupted while training");
        interruption.initCause(e);
        throw interruption;
      }
      throw e;
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
  private static List<EpochManifest> epochs(
      Piece piece, TrainConfig config, EpochRules rules, StageContext context)
      throws StageException, StoreException, InterruptedException {
    StageCall call = piece.getWhole();
    var actions = new EpochActions(piece.getKey(), rules, context);
    var inputs =
        new TrainingRun.Inputs(
            StageKeys.input(call, INITIAL),
            split(call, TRAIN, context),
            split(call, VAL, context),
            call.getSubject(),
            call.getForce());
    return new TrainingRun(config, inputs, context, actions).epochs();
  }

  private static SplitManifest split(StageCall call, String role, StageContext context)
      throws StoreException {
    return context.store().readManifest(StageKeys.input(call, role), SplitManifest.parser());
  }

  private static TrainingManifest manifest(List<EpochManifest> epochs, EpochRules rules) {
    var training = TrainingManifest.newBuilder();
    Set<Integer> kept = rules.kept(epochs);
    for (EpochManifest epoch : epochs) {
      var trained =
          TrainedEpoch.newBuilder().setEpoch(epoch.getEpoch()).setHistory(epoch.getHistory());
      if (kept.contains(epoch.getEpoch())) {
        trained.setCheckpoint(epoch.getCheckpoint());
      }
      training.addEpochs(trained);
    }
    return training.build();
  }
}
