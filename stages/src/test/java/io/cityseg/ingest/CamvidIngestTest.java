package io.cityseg.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cityseg.proto.LabelSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real photographs in the Cityscapes layout, where the shared data lie beside the repository. */
class CamvidIngestTest {
  private static final String DATA_SET = "shared/data/camvid-cityscapes";

  @TempDir Path folder;

  private static Optional<Path> dataSet() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve(DATA_SET))) {
        return Optional.of(at.resolve(DATA_SET));
      }
    }
    return Optional.empty();
  }

  @Test
  void ingest_whenGivenCamvid_takesAll128ItemsByTheirLabelIds() throws Exception {
    Optional<Path> dataSet = dataSet();
    assumeTrue(dataSet.isPresent(), DATA_SET + " is in no folder above this one");
    IngestRun run = new IngestRun(folder.resolve("digests"), dataSet.get());
    assertThat(run.sources("auto")).hasSize(128).containsOnly(LabelSource.LABEL_IDS);
  }
}
