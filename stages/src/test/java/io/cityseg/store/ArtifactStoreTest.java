package io.cityseg.store;

import static io.cityseg.store.ObjectStorageContract.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.SplitManifest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactStoreTest {
  @TempDir Path folder;

  private ArtifactStore store;
  private BlobDamage damage;

  @BeforeEach
  void open() throws Exception {
    store = new ArtifactStore(LocalObjects.open(folder.resolve("store")));
    damage = new BlobDamage(folder.resolve("store"));
  }

  @Test
  void put_whenGivenBytesOrAFile_namesThemByTheirDigest() throws Exception {
    Path file = Files.write(folder.resolve("file"), bytes("abc"));

    ArtifactRef ref = store.put("text", bytes("abc"));

    // FIPS 180-2, appendix B.1.
    assertThat(ref.getSha256())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(ref.getSize()).isEqualTo(3);
    assertThat(ref.getKind()).isEqualTo("text");
    assertThat(store.put("text", file)).isEqualTo(ref);
    assertThat(store.read(ref)).isEqualTo(bytes("abc"));
    assertThat(store.file(ref)).hasBinaryContent(bytes("abc"));
    assertThat(store.problem(ref)).isEmpty();
    assertThat(store.objects().list("blobs")).hasSize(1);
  }

  @Test
  void put_whenTheContentIsEmpty_storesIt() throws Exception {
    ArtifactRef ref = store.put("text", new byte[0]);

    assertThat(store.read(ref)).isEmpty();
    assertThat(store.file(ref)).isEmptyFile();
  }

  @Test
  void put_whenTheFileIsMissing_namesIt() {
    Path missing = folder.resolve("missing");

    assertThatThrownBy(() -> store.put("text", missing))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("Cannot read " + missing + " to store it");
  }

  @Test
  void put_whenTheFileChangesMeanwhile_fails() throws Exception {
    Path file = Files.write(folder.resolve("file"), bytes("content"));
    ObjectStorage slow =
        Interception.before(
            "createIfAbsent", store.objects(), () -> Files.write(file, bytes("CONTENT, changed")));

    assertThatThrownBy(() -> new ArtifactStore(slow).put("text", file))
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "Cannot store %s: it changed while it was read; run again when nothing writes to it"
                .formatted(file));
    assertThat(store.objects().list("blobs")).isEmpty();
  }

  @Test
  void put_whenTheBlobThereIsDamaged_replacesIt() throws Exception {
    ArtifactRef ref = store.put("text", bytes("content"));

    damage.rewrite(ref, "CONTENT");
    store.put("text", bytes("content"));
    assertThat(store.read(ref)).isEqualTo(bytes("content"));

    damage.truncateUnderTheSeal(ref, 3);
    store.put("text", Files.write(folder.resolve("file"), bytes("content")));
    assertThat(store.read(ref)).isEqualTo(bytes("content"));
  }

  @Test
  void read_whenCorrupt_removesTheBlobAndSaysSo() throws Exception {
    ArtifactRef ref = store.put("text", bytes("content"));
    damage.rewriteUnderTheSeal(ref, "CONTENT");

    assertThatThrownBy(() -> store.read(ref))
        .isInstanceOf(UnreadableBlobException.class)
        .hasMessageContaining("was corrupt and has been removed; run again to make it anew");
    assertThat(store.problem(ref).orElseThrow()).endsWith("(text) is missing");
  }

  @Test
  void read_whenMissing_saysSo() throws Exception {
    ArtifactRef ref = store.put("text", bytes("content"));
    store.delete(ref);

    assertThatThrownBy(() -> store.read(ref))
        .isInstanceOfSatisfying(
            UnreadableBlobException.class, e -> assertThat(e.artifact()).isEqualTo(ref))
        .hasMessage(
            "Blob %s (text) is missing from %s; run again to make it anew"
                .formatted(ref.getSha256(), folder.resolve("store")));
    assertThatThrownBy(() -> store.file(ref)).isInstanceOf(UnreadableBlobException.class);
  }

  @Test
  void file_whenTruncatedUnderTheSeal_noticesTheSize() throws Exception {
    ArtifactRef ref = store.put("text", bytes("content"));
    damage.truncateUnderTheSeal(ref, 3);

    assertThat(store.problem(ref))
        .hasValue(
            "blob %s (text) is corrupt (it has 3 bytes and should have 7)"
                .formatted(ref.getSha256().substring(0, 12)));
    assertThatThrownBy(() -> store.file(ref)).isInstanceOf(UnreadableBlobException.class);
    assertThat(store.problem(ref).orElseThrow()).endsWith("is missing");
  }

  @Test
  void file_whenTheReferenceDoesNotSayTheSize_isGiven() throws Exception {
    ArtifactRef ref = store.put("text", bytes("content")).toBuilder().clearSize().build();

    assertThat(store.file(ref)).hasBinaryContent(bytes("content"));
    assertThat(store.problem(ref)).isEmpty();
  }

  @Test
  void problem_whenTheReferenceIsNone_saysSo() throws Exception {
    assertThat(store.problem(ArtifactRef.getDefaultInstance()))
        .hasValue("reference () has the invalid digest ''");
  }

  @Test
  void readManifest_whenItIsOne_isTheMessage() throws Exception {
    CheckpointManifest manifest =
        CheckpointManifest.newBuilder().setNetwork("n").setNumClasses(20).build();

    ArtifactRef ref = store.putManifest(manifest);

    assertThat(ref.getKind()).isEqualTo("CheckpointManifest");
    assertThat(store.readManifest(ref, CheckpointManifest.parser())).isEqualTo(manifest);
  }

  @Test
  void readManifest_whenItIsSomethingElse_fails() throws Exception {
    ArtifactRef ref = store.put("SplitManifest", bytes("\377\377"));

    assertThatThrownBy(() -> store.readManifest(ref, SplitManifest.parser()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("of kind SplitManifest is not the manifest that was expected");
  }
}
