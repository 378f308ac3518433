package io.cityseg.store;

/** Over an empty directory. */
class ScratchObjectsContractTest extends ObjectStorageContract {
  @Override
  ObjectStorage openEmpty() throws StoreException {
    return new ScratchObjects(LocalObjects.open(folder.resolve("store")));
  }
}
