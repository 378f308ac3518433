package io.cityseg.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.ImageItem;
import io.cityseg.proto.ImagesManifest;
import io.cityseg.store.S3Objects.ObjectVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bucket of an S3 server in this JVM. */
class S3ProxyContractTest extends ObjectStorageContract {
  @TempDir static Path serverFolder;

  private static S3Server server;
  private static int stores;

  @BeforeAll
  static void start() throws Exception {
    server = S3Server.start(serverFolder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.stop();
  }

  @Override
  ObjectStorage openEmpty() throws Exception {
    return S3Server.open(server.address(stores++));
  }

  @Test
  void eachVersion_whenTheyAreMoreThanAPage_tellsOfAllOnce() throws Exception {
    Path part = S3Server.folderOf(serverFolder, stores).resolve("gtFine");
    S3Objects objects = S3Server.open(server.address(stores++));
    // past the server, which would take seconds for so many
    Files.createDirectories(part);
    for (int n = 0; n < 1001; n++) {
      Files.writeString(part.resolve("%04d.png".formatted(n)), "x");
    }
    List<ObjectVersion> found = new ArrayList<>();

    objects.eachVersion("gtFine", found::add);

    assertThat(found).hasSize(1001).doesNotHaveDuplicates();
    assertThat(found.get(1000).size()).isEqualTo(1);
    assertThat(objects.versions("gtFine"))
        .containsExactlyElementsOf(
            found.stream().sorted(Comparator.comparing(ObjectVersion::name)).toList());
  }

  @Test
  void problem_ofAManifestThatIsNotReadWhole_findsItsLastLeaf() throws Exception {
    ArtifactStore store = new ArtifactStore(openEmpty());
    ArtifactRef leaf = store.put("png", ObjectStorageContract.bytes("here"));
    ImagesManifest.Builder images = ImagesManifest.newBuilder();
    for (int n = 0; n < 20_000; n++) {
      images.addItems(ImageItem.newBuilder().setImage(leaf));
    }
    Optional<String> complete = new References(store).problem(store.putManifest(images.build()));
    images.addItems(ImageItem.newBuilder().setImage(leaf.toBuilder().setSha256("0".repeat(64))));
    Optional<String> missing = new References(store).problem(store.putManifest(images.build()));

    assertThat(complete).isEmpty();
    assertThat(missing).hasValue("blob 000000000000 (png) is missing");
  }

  @Test
  void sendAll_whenThereAreSeveral_sendsThemSideBySide() throws Exception {
    CyclicBarrier both = new CyclicBarrier(2);
    ObjectStorage.Request<Boolean> meeting =
        () -> {
          try {
            both.await(10, TimeUnit.SECONDS);
            return true;
          } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new StoreException("The other request was not sent meanwhile", e);
          }
        };

    assertThat(openEmpty().sendAll(List.of(meeting, meeting))).containsExactly(true, true);
  }
}
