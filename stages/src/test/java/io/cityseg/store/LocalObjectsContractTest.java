package io.cityseg.store;

/** A directory, as it is on most file systems. */
class LocalObjectsContractTest extends ObjectStorageContract {
  @Override
  ObjectStorage openEmpty() throws StoreException {
    return LocalObjects.open(folder.resolve("store"));
  }
}
