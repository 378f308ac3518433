package io.cityseg.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.SourceItem;
import io.cityseg.proto.SourcesManifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestWriterTest {
  @TempDir Path folder;

  private ArtifactStore store;

  @BeforeEach
  void open() throws Exception {
    store = new ArtifactStore(LocalObjects.open(folder));
  }

  private static SourceItem item(int number) {
    return SourceItem.newBuilder().setId("aa_%06d_000019".formatted(number)).setCity("aa").build();
  }

  private static SourcesManifest whole(int items) {
    SourcesManifest.Builder manifest = SourcesManifest.newBuilder().setSplit("train");
    for (int i = 0; i < items; i++) {
      manifest.addItems(item(i));
    }
    return manifest.build();
  }

  private ArtifactRef written(int items) throws Exception {
    try (ManifestWriter<SourcesManifest> writer =
        store.write(SourcesManifest.getDefaultInstance())) {
      writer.add(SourcesManifest.newBuilder().setSplit("train").build());
      for (int i = 0; i < items; i++) {
        writer.add(SourcesManifest.newBuilder().addItems(item(i)).build());
      }
      return writer.put();
    }
  }

  /** The last is more than what is held in memory. */
  @ParameterizedTest(name = "{0} items")
  @ValueSource(ints = {0, 1, 1000, 100_000})
  void put_whateverTheLength_storesTheMessageAsItWouldBeMadeWhole(int items) throws Exception {
    ArtifactRef ref = written(items);

    assertThat(ref).isEqualTo(store.putManifest(whole(items)));
    assertThat(store.readManifest(ref, SourcesManifest.parser())).isEqualTo(whole(items));
    assertThat(leftovers()).isZero();
  }

  @ParameterizedTest(name = "{0} items")
  @ValueSource(ints = {0, 1, 1000, 100_000})
  void readEach_whateverTheLength_givesTheParts(int items) throws Exception {
    SourcesManifest.Builder together = SourcesManifest.newBuilder();
    store.readEach(
        written(items), SourcesManifest.getDefaultInstance(), part -> together.mergeFrom(part));
    assertThat(together.build()).isEqualTo(whole(items));
  }

  @Test
  void readEach_whenItIsAnotherManifest_saysSo() throws Exception {
    ArtifactRef ref = store.put("SourcesManifest", new byte[] {(byte) 0x12, 5, 1});
    assertThatThrownBy(() -> store.readEach(ref, SourcesManifest.getDefaultInstance(), part -> {}))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(ref.getSha256())
        .hasMessageContaining("is not the manifest that was expected");
  }

  @Test
  void readEach_whenItIsDamaged_tellsNothingOfIt() throws Exception {
    ArtifactRef ref = written(100_000);
    new BlobDamage(folder).truncateUnderTheSeal(ref, 1 << 20);
    assertThatThrownBy(
            () ->
                store.readEach(
                    ref,
                    SourcesManifest.getDefaultInstance(),
                    part -> {
                      throw new AssertionError("told " + part);
                    }))
        .isInstanceOf(UnreadableBlobException.class)
        .hasMessageContaining("was corrupt");
  }

  @Test
  void close_whenNothingWasPut_leavesNothing() throws Exception {
    try (ManifestWriter<SourcesManifest> writer =
        store.write(SourcesManifest.getDefaultInstance())) {
      writer.add(whole(100_000));
      assertThat(leftovers()).isEqualTo(1);
    }
    assertThat(leftovers()).isZero();
  }

  private long leftovers() throws Exception {
    try (Stream<Path> files = Files.list(folder.resolve("tmp"))) {
      return files.filter(file -> !file.getFileName().toString().endsWith(".lock")).count();
    }
  }
}
