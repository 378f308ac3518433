package io.cityseg.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cityseg.proto.ArtifactRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;

/**
 * What can happen to blobs in a directory.
 *
 * @param root the store's directory
 */
record BlobDamage(Path root) {
  /** An ordinary modification: it changes the file's time. */
  void rewrite(ArtifactRef ref, String content) throws IOException {
    write(ref, content.getBytes(UTF_8), FileTime.fromMillis(1));
  }

  /** Bit rot: other bytes, the same time. */
  void rewriteUnderTheSeal(ArtifactRef ref, String content) throws IOException {
    write(ref, content.getBytes(UTF_8), Seal.TIME);
  }

  void truncateUnderTheSeal(ArtifactRef ref, int length) throws IOException {
    write(ref, Arrays.copyOf(Files.readAllBytes(file(ref)), length), Seal.TIME);
  }

  private void write(ArtifactRef ref, byte[] content, FileTime time) throws IOException {
    Path file = file(ref);
    Files.delete(file);
    Files.write(file, content);
    Files.setLastModifiedTime(file, time);
  }

  private Path file(ArtifactRef ref) {
    return root.resolve(ArtifactStore.blobName(new Digest(ref.getSha256())));
  }
}
