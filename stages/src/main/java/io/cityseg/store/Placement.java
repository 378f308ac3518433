package io.cityseg.store;

import java.io.IOException;
import java.nio.file.Path;

/** Gives a complete file its final name, atomically, and only if that name is free. */
interface Placement {
  /**
   * Gives a file another name; false when that name is taken. The file may keep its old name too.
   */
  boolean place(Path temporary, Path target) throws IOException;
}
