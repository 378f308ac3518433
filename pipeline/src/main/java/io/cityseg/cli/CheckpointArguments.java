package io.cityseg.cli;

import io.cityseg.journal.Journal;
import io.cityseg.model.Checkpoints;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.NamedCheckpoint;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.TrainedEpoch;
import io.cityseg.proto.TrainingManifest;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.Digest;
import io.cityseg.store.ObjectStorage;
import io.cityseg.store.StoreException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What people name checkpoints by, turned into artifacts. */
final class CheckpointArguments {
  private static final Pattern EPOCH_OF_RUN = Pattern.compile("([^:]+):train/epoch-([0-9]{1,6})");
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{8,64}");

  private final ArtifactStore store;

  CheckpointArguments(ArtifactStore store) {
    this.store = store;
  }

  /**
   * Resolves each argument: a file, RUN:train/epoch-N, or a digest of at least 8 digits.
   *
   * @throws UsageException when an argument names nothing, or nothing that is a checkpoint
   */
  List<NamedCheckpoint> resolve(List<String> arguments) throws UsageException, StoreException {
    List<NamedCheckpoint> checkpoints = new ArrayList<>();
    Set<String> subjects = new HashSet<>();
    for (String argument : arguments) {
      NamedCheckpoint checkpoint = resolve(argument);
      String subject = checkpoint.getSubject();
      for (int i = 2; !subjects.add(subject); i++) {
        subject = checkpoint.getSubject() + " (" + i + ")";
      }
      checkpoints.add(checkpoint.toBuilder().setSubject(subject).build());
    }
    return checkpoints;
  }

  /** Whether an argument names a file that is there; RUN:train/epoch-N never does. */
  static boolean isFile(String argument) {
    try {
      return !EPOCH_OF_RUN.matcher(argument).matches() && Files.exists(Path.of(argument));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private NamedCheckpoint resolve(String argument) throws UsageException, StoreException {
    Matcher epoch = EPOCH_OF_RUN.matcher(argument);
    if (epoch.matches()) {
      return named(argument, epochOf(epoch.group(1), Integer.parseInt(epoch.group(2))));
    }
    if (isFile(argument)) {
      Path file = Path.of(argument);
      try {
        return named(file.getFileName().toString(), Checkpoints.importCheckpoint(file, store));
      } catch (StageException e) {
        throw new UsageException(e.getMessage(), e);
      }
    }
    if (DIGEST.matcher(argument).matches()) {
      return named(argument.substring(0, 8), byDigest(argument));
    }
    throw new UsageException(
        "Checkpoint "
            + argument
            + " is not there: it is no file, no digest, and not of the form RUN:train/epoch-N");
  }

  private ArtifactRef epochOf(String run, int number) throws UsageException, StoreException {
    RunRecord record = run.equals("latest") ? latestTraining() : RunHistory.find(store, run);
    for (StageOutcome outcome : record.getStagesList()) {
      if (outcome.getNode().equals("train") && outcome.hasOutput()) {
        List<TrainedEpoch> epochs =
            store.readManifest(outcome.getOutput(), TrainingManifest.parser()).getEpochsList();
        for (TrainedEpoch epoch : epochs) {
          if (epoch.getEpoch() == number) {
            if (!epoch.hasCheckpoint()) {
              throw new UsageException(
                  "Run %s has not kept the checkpoint of epoch %d (train.keep)"
                      .formatted(record.getId(), number));
            }
            return epoch.getCheckpoint();
          }
        }
        throw new UsageException(
            "Run %s trained %d epochs; there is no epoch %d"
                .formatted(record.getId(), epochs.size(), number));
      }
    }
    throw new UsageException("Run " + record.getId() + " has no result of stage train");
  }

  /** The newest run that has trained, or found its training in the store. */
  private RunRecord latestTraining() throws UsageException, StoreException {
    List<RunRecord> runs = new ArrayList<>(Journal.all(store));
    Collections.reverse(runs);
    return runs.stream()
        .filter(
            run ->
                run.getStagesList().stream()
                    .anyMatch(outcome -> outcome.getNode().equals("train") && outcome.hasOutput()))
        .findFirst()
        .orElseThrow(() -> new UsageException("No run in the store has a result of stage train"));
  }

  private ArtifactRef byDigest(String prefix) throws UsageException, StoreException {
    List<ArtifactRef> found = new ArrayList<>();
    for (ObjectStorage.ObjectEntry entry :
        store.objects().list("blobs/sha256/" + prefix.substring(0, 2))) {
      String digest = entry.name().substring(entry.name().lastIndexOf('/') + 1);
      if (digest.startsWith(prefix)) {
        found.add(
            ArtifactRef.newBuilder()
                .setKind(CheckpointManifest.getDescriptor().getName())
                .setSha256(new Digest(digest).hex())
                .setSize(entry.size())
                .build());
      }
    }
    if (found.size() != 1) {
      throw new UsageException(
          "Digest %s names %d artifacts in the store (it must name one checkpoint)"
              .formatted(prefix, found.size()));
    }
    ArtifactRef ref = found.get(0);
    boolean checkpoint =
        ref.getSize() < 4096
            && !store.readManifest(ref, CheckpointManifest.parser()).getNetwork().isEmpty();
    if (!checkpoint) {
      throw new UsageException("Artifact " + ref.getSha256() + " is not a checkpoint's manifest");
    }
    return ref;
  }

  private static NamedCheckpoint named(String subject, ArtifactRef checkpoint) {
    return NamedCheckpoint.newBuilder().setSubject(subject).setCheckpoint(checkpoint).build();
  }
}
