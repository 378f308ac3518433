package io.cityseg.export;

import com.google.protobuf.util.JsonFormat;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.ShardManifest;
import io.cityseg.proto.ShardsManifest;
import io.cityseg.proto.SplitManifest;
import io.cityseg.proto.SplitShards;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Shards as a folder of TFRecord files that other programs read, with a README of the format. */
public final class ShardsExport {
  private static final String README = "shards-README.md";

  private ShardsExport() {}

  /**
   * Copies shards: {@code <split>/<split>-00000-of-00012.tfrecord}, {@code <split>/manifest.json},
   * {@code README.md}.
   *
   * @param shards a ShardsManifest
   * @param folder is made; files in it are replaced
   * @return how many files of shards were written
   */
  public static int write(ArtifactRef shards, ArtifactStore store, Path folder)
      throws StoreException, IOException {
    ShardsManifest manifest = store.readManifest(shards, ShardsManifest.parser());
    Files.createDirectories(folder);
    int files = 0;
    for (SplitShards split : manifest.getSplitsList()) {
      files += writeSplit(store, split, Files.createDirectories(folder.resolve(split.getSplit())));
    }
    // Last: a folder with it is complete.
    Files.write(folder.resolve("README.md"), readme());
    return files;
  }

  private static int writeSplit(ArtifactStore store, SplitShards shards, Path folder)
      throws StoreException, IOException {
    SplitManifest split = store.readManifest(shards.getManifest(), SplitManifest.parser());
    for (int i = 0; i < split.getShardsCount(); i++) {
      ShardManifest shard = split.getShards(i);
      String name =
          String.format(
              Locale.ROOT, "%s-%05d-of-%05d.tfrecord", split.getSplit(), i, split.getShardsCount());
      // A stream, since a copy of the store's file would be read-only with the store's time.
      try (InputStream content = Files.newInputStream(store.file(shard.getFile()))) {
        Files.copy(content, folder.resolve(name));
      }
    }
    Files.writeString(
        folder.resolve("manifest.json"),
        JsonFormat.printer().preservingProtoFieldNames().print(split) + "\n");
    return split.getShardsCount();
  }

  private static byte[] readme() {
    try (InputStream in = ShardsExport.class.getResourceAsStream(README)) {
      if (in == null) {
        throw new IllegalStateException(README + " is missing from this build of cityseg");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + README + " from the class path", e);
    }
  }
}
