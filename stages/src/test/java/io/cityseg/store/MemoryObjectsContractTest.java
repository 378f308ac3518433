package io.cityseg.store;

/** The storage that other tests use. */
class MemoryObjectsContractTest extends ObjectStorageContract {
  @Override
  ObjectStorage openEmpty() {
    return new MemoryObjects(folder);
  }
}
