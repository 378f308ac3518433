package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.evaluate.Batch;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.SplitManifest;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.LocalObjects;
import io.cityseg.train.EpochOrder.Pick;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitExamplesTest {
  private static final int SIZE = 4;

  @TempDir Path folder;
  private ArtifactStore store;
  private SplitManifest split;

  @BeforeEach
  void write() throws Exception {
    store = new ArtifactStore(LocalObjects.open(folder.resolve("store")));
    ArtifactRef manifest = SmallSplits.write(store, folder, "val", 7, SIZE, 3);
    split = store.readManifest(manifest, SplitManifest.parser());
  }

  @Test
  void batch_whenItemsOfSeveralShardsArePicked_readsThemInThatOrder() throws Exception {
    SplitExamples examples = SplitExamples.open(split, store);
    assertThat(examples.items()).isEqualTo(7);
    Batch batch =
        examples.batch(
            List.of(new Pick(6, false), new Pick(0, true), new Pick(4, false)),
            Batch.newBuffer(3, SIZE, SIZE));
    assertThat(batch.ids())
        .containsExactly(
            SmallSplits.id("val", 6), SmallSplits.id("val", 0), SmallSplits.id("val", 4));
  }

  @Test
  void inOrder_whenTheLastBatchIsSmaller_keepsIt() throws Exception {
    SplitExamples examples = SplitExamples.open(split, store);
    assertThat(examples.inOrder(3)).extracting(List::size).containsExactly(3, 3, 1);
  }

  @Test
  void pass_whenBatchesAreMadeAhead_givesEachOneOnceAndIntact() throws Exception {
    SplitExamples examples = SplitExamples.open(split, store);
    try (BatchLoader loader = new BatchLoader(2, SIZE, SIZE)) {
      for (int round = 0; round < 3; round++) {
        List<String> ids = new ArrayList<>();
        BatchLoader.Pass pass = loader.pass(examples, examples.inOrder(2));
        while (pass.hasNext()) {
          Batch batch = pass.next();
          ids.addAll(batch.ids());
        }
        assertThat(ids).hasSize(7).doesNotHaveDuplicates().isSorted();
      }
    }
  }

  @Test
  void open_whenTheManifestNamesAnotherNumberOfExamples_refuses() {
    SplitManifest.Builder wrong = split.toBuilder();
    wrong.setShards(2, wrong.getShards(2).toBuilder().addItemIds("more"));
    assertThatThrownBy(() -> SplitExamples.open(wrong.build(), store))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("split val");
  }

  @Test
  void next_whenTheManifestNamesAnotherItem_saysWhich() throws Exception {
    SplitManifest.Builder wrong = split.toBuilder();
    wrong.setShards(0, wrong.getShards(0).toBuilder().setItemIds(1, "other"));
    SplitExamples examples = SplitExamples.open(wrong.build(), store);
    try (BatchLoader loader = new BatchLoader(2, SIZE, SIZE)) {
      BatchLoader.Pass pass = loader.pass(examples, examples.inOrder(2));
      assertThatThrownBy(pass::next)
          .isInstanceOf(StageException.class)
          .hasMessageContaining("its manifest names other where the file has val_000001_000019");
    }
  }

  @Test
  void batch_whenTheBufferIsTooSmall_failsInsteadOfCutting() throws Exception {
    SplitExamples examples = SplitExamples.open(split, store);
    ByteBuffer small = Batch.newBuffer(1, SIZE, SIZE);
    assertThatThrownBy(() -> examples.batch(List.of(new Pick(0, false), new Pick(1, false)), small))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("Invalid buffer: 208 bytes for 2 images of 4 x 4");
  }
}
