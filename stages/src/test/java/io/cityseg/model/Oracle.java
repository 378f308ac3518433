package io.cityseg.model;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The larger golden values that lie outside the repository; their tests are skipped without. */
public final class Oracle {
  private Oracle() {}

  /** A folder of golden values, from a folder "shared/oracle" beside a parent of this one. */
  public static Path folder(String name) {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path folder = at.resolve("shared").resolve("oracle").resolve(name);
      if (Files.isDirectory(folder)) {
        return folder;
      }
    }
    return Assumptions.abort(
        "no folder shared/oracle/" + name + " above " + Path.of("").toAbsolutePath());
  }
}
