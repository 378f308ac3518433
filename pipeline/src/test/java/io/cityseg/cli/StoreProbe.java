package io.cityseg.cli;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.ShardsManifest;
import io.cityseg.proto.SplitManifest;
import io.cityseg.proto.TrainingManifest;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.LocalObjects;
import io.cityseg.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Finds files in a store by what they are, and damages them. */
final class StoreProbe {
  private StoreProbe() {}

  /** The last epoch's weights. */
  static Path checkpoint(Path store, Cli.Result run) throws StoreException {
    ArtifactStore artifacts = new ArtifactStore(LocalObjects.open(store));
    TrainingManifest training =
        artifacts.readManifest(output(run, "train"), TrainingManifest.parser());
    ArtifactRef checkpoint = training.getEpochs(training.getEpochsCount() - 1).getCheckpoint();
    return artifacts.file(
        artifacts.readManifest(checkpoint, CheckpointManifest.parser()).getWeights());
  }

  /** The first shard's TFRecord file. */
  static Path shard(Path store, Cli.Result run) throws StoreException {
    ArtifactStore artifacts = new ArtifactStore(LocalObjects.open(store));
    ShardsManifest shards = artifacts.readManifest(output(run, "shards"), ShardsManifest.parser());
    SplitManifest split =
        artifacts.readManifest(shards.getSplits(0).getManifest(), SplitManifest.parser());
    return artifacts.file(split.getShards(0).getFile());
  }

  static void flipOneBit(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);
  }

  private static ArtifactRef output(Cli.Result run, String node) {
    return run.run().getStagesList().stream()
        .filter(outcome -> outcome.getNode().equals(node))
        .findFirst()
        .orElseThrow()
        .getOutput();
  }
}
