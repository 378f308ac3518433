package io.cityseg.image;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The folder of expected results that lies beside the repository, where it is there at all. */
public final class Oracle {
  private Oracle() {}

  /** A folder of the oracle; the test is skipped where there is none. */
  public static Path folder(String name) {
    Path wanted = Path.of("shared", "oracle", name);
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.isDirectory(at.resolve(wanted))) {
      at = at.getParent();
    }
    assumeTrue(at != null, "no folder " + wanted + " beside the repository");
    return at.resolve(wanted);
  }

  /** The entries of a zip file by name. */
  public static Map<String, byte[]> entries(Path zip) throws IOException {
    Map<String, byte[]> entries = new HashMap<>();
    try (InputStream file = Files.newInputStream(zip);
        ZipInputStream in = new ZipInputStream(file)) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.put(entry.getName(), in.readAllBytes());
      }
    }
    return entries;
  }
}
