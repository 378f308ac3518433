package io.cityseg.store;

import io.cityseg.proto.ArtifactRef;

/**
 * A blob is missing, or its bytes are not those of its digest. Whoever made it has to make it
 * again: the lookup of its action is a miss from now on, because a corrupt blob is moved out of the
 * way when it is found.
 */
public class UnreadableBlobException extends StoreException {
  private final transient ArtifactRef artifact;

  public UnreadableBlobException(ArtifactRef artifact, String message) {
    super(message);
    this.artifact = artifact;
  }

  /** The artifact that cannot be read. */
  public ArtifactRef artifact() {
    return artifact;
  }
}
