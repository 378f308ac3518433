package io.cityseg.cli;

import io.cityseg.export.ShardsExport;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.ShardsManifest;
import io.cityseg.proto.StageOutcome;
import io.cityseg.run.Workspace;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.ObjectStorage;
import io.cityseg.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The training data as a program of another kind reads it. */
@Command(
    name = "shards",
    description =
        "Copies a run's shards: TFRecord files, their manifests, and a README of the format.",
    mixinStandardHelpOptions = true)
final class ExportShardsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StoreOptions storage;

  @Parameters(
      index = "0",
      paramLabel = "RUN|DIGEST",
      description =
          "A run's id, the beginning of one, latest; or the digest of stage shards' artifact, 12 digits or more.")
  private String source;

  @Parameters(
      index = "1",
      paramLabel = "DIR",
      description = "Where they go; must not exist, or be empty.")
  private Path folder;

  @Override
  public Integer call() throws Exception {
    ArtifactStore store = storage.openExisting(Workspace.current());
    ArtifactRef shards =
        source.matches("[0-9a-f]{12,64}") ? ofDigest(store) : ofRun(RunHistory.find(store, source));
    requireEmpty();
    int files;
    try {
      files = ShardsExport.write(shards, store, folder);
    } catch (IOException e) {
      throw new UsageException("Cannot write shards to %s: %s".formatted(folder, e), e);
    }
    spec.commandLine().getErr().println("%d shards".formatted(files));
    spec.commandLine().getErr().flush();
    spec.commandLine().getOut().println(folder);
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }

  private static ArtifactRef ofRun(RunRecord run) throws UsageException {
    return run.getStagesList().stream()
        .filter(outcome -> outcome.getNode().equals("shards") && outcome.hasOutput())
        .map(StageOutcome::getOutput)
        .findFirst()
        .orElseThrow(
            () -> new UsageException("Run " + run.getId() + " has no result of stage shards"));
  }

  private ArtifactRef ofDigest(ArtifactStore store) throws UsageException, StoreException {
    List<ObjectStorage.ObjectEntry> found =
        store.objects().list("blobs/sha256/" + source.substring(0, 2)).stream()
            .filter(entry -> digest(entry).startsWith(source))
            .toList();
    if (found.size() != 1) {
      throw new UsageException(
          "Digest %s names %d artifacts in the store (it must name one)"
              .formatted(source, found.size()));
    }
    long size = found.get(0).size();
    ArtifactRef ref =
        ArtifactRef.newBuilder()
            .setKind(ShardsManifest.getDescriptor().getName())
            .setSha256(digest(found.get(0)))
            .setSize(size)
            .build();
    boolean manifest =
        size < 4096
            && store.readManifest(ref, ShardsManifest.parser()).getSplitsList().stream()
                .anyMatch(split -> split.getManifest().getKind().equals("SplitManifest"));
    if (!manifest) {
      throw new UsageException(
          "Artifact " + source + " is not what stage shards made (its ARTIFACT in `cityseg show`)");
    }
    return ref;
  }

  private static String digest(ObjectStorage.ObjectEntry entry) {
    return entry.name().substring(entry.name().lastIndexOf('/') + 1);
  }

  private void requireEmpty() throws UsageException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      if (entries.findAny().isPresent()) {
        throw new UsageException(folder + " is not empty; name a new folder");
      }
    } catch (IOException e) {
      throw new UsageException("Cannot use %s: it must be a folder (%s)".formatted(folder, e), e);
    }
  }
}
