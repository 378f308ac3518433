package io.cityseg.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** link(2): atomic, and fails when the name is taken, between processes and over NFS too. */
final class HardLinkPlacement implements Placement {
  @Override
  public boolean place(Path temporary, Path target) throws IOException {
    try {
      Files.createLink(target, temporary);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }
}
