package io.cityseg.run;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.ReportManifest;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.Digest;
import io.cityseg.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/** Takes a report out of the store, so that it can be opened. */
public final class Report {
  private Report() {}

  /**
   * Writes {@code report.html}, {@code metrics.json} and {@code classes.csv} into a folder named by
   * the report's digest, and returns the page. The same report is the same folder; files that are
   * there already and unchanged are left alone.
   */
  public static Path export(ArtifactStore store, ArtifactRef report, Path folder)
      throws StoreException {
    ReportManifest manifest = store.readManifest(report, ReportManifest.parser());
    Path target = folder.resolve(new Digest(report.getSha256()).abbreviated());
    Map<String, ArtifactRef> files =
        Map.of(
            "report.html", manifest.getHtml(),
            "metrics.json", manifest.getMetricsJson(),
            "classes.csv", manifest.getClassesCsv());
    try {
      Files.createDirectories(target);
      for (Map.Entry<String, ArtifactRef> file : files.entrySet()) {
        write(store, file.getValue(), target.resolve(file.getKey()));
      }
    } catch (IOException e) {
      throw new StoreException("Cannot write the report into " + target + ": " + e, e);
    }
    return target.resolve("report.html");
  }

  private static void write(ArtifactStore store, ArtifactRef ref, Path file)
      throws IOException, StoreException {
    if (Files.isRegularFile(file) && Digest.of(file).hex().equals(ref.getSha256())) {
      return;
    }
    Path temporary = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".tmp");
    try {
      Files.write(temporary, store.read(ref));
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
