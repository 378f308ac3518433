package io.cityseg.store;

import java.nio.file.Path;
import java.time.Clock;

/** A directory on a file system without hard links. */
class LocalObjectsWithoutHardLinksContractTest extends ObjectStorageContract {
  @Override
  ObjectStorage openEmpty() throws StoreException {
    Path root = folder.resolve("store");
    return LocalObjects.open(
        root, Clock.systemUTC(), new LockedPlacement(folder.resolve("placement.lock")));
  }
}
