package io.cityseg.store;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Message;
import io.cityseg.files.FileFailures;
import io.cityseg.proto.ArtifactRef;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.Optional;

/**
 * Writes a manifest part by part, so that it is never whole in memory when it is long: into a
 * temporary file then, which is gone when this is closed. (The encoding of a message is that of its
 * parts, one after the other: protobuf's encoding specification, "last one wins".) For one thread.
 *
 * @param <T> the manifest's type
 */
public final class ManifestWriter<T extends Message> implements AutoCloseable {
  private final ArtifactStore store;
  private final String kind;
  private final ByteArrayOutputStream held = new ByteArrayOutputStream();
  private Optional<TemporaryFile> file = Optional.empty();
  private OutputStream out = held;

  ManifestWriter(ArtifactStore store, T empty) {
    this.store = requireNonNull(store, "store");
    this.kind = empty.getDescriptorForType().getName();
  }

  /**
   * Adds a part, in the order of the fields' numbers: then the bytes are those of the message that
   * was made as a whole.
   *
   * @param part a manifest that has nothing but what is added
   */
  public void add(T part) throws StoreException {
    try {
      if (file.isEmpty() && held.size() + part.getSerializedSize() > ArtifactStore.SMALL_BYTES) {
        moveToFile();
      }
      part.writeTo(out);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private void moveToFile() throws StoreException, IOException {
    file = Optional.of(store.temporaryFile());
    out = new BufferedOutputStream(Files.newOutputStream(file.get().path()));
    held.writeTo(out);
    held.reset();
  }

  /** Stores the manifest; nothing can be added from then on. */
  public ArtifactRef put() throws StoreException {
    if (file.isEmpty()) {
      return store.put(kind, held.toByteArray());
    }
    try {
      out.close();
    } catch (IOException e) {
      throw unwritable(e);
    }
    return store.put(kind, file.get().path());
  }

  private StoreException unwritable(IOException e) {
    return new StoreException(
        "Cannot write a %s for %s: %s; make room where temporary files are"
            .formatted(kind, store.objects().location(), FileFailures.reason(e)),
        e);
  }

  @Override
  public void close() throws StoreException {
    if (file.isEmpty()) {
      return;
    }
    try {
      out.close();
    } catch (IOException e) {
      throw unwritable(e);
    } finally {
      file.get().close();
    }
  }
}
