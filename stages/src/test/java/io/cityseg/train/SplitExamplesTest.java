package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.SplitManifest;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.LocalObjects;
import io.cityseg.train.EpochOrder.Pick;
import java.nio.file.Path;
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
  void member_whenItemsOfSeveralShardsArePicked_readsThose() throws Exception {
    SplitExamples examples = SplitExamples.open(split, store);
    assertThat(examples.items()).isEqualTo(7);
    for (int item : List.of(6, 0, 4)) {
      assertThat(examples.member(new Pick(item, false)).example().getId())
          .isEqualTo(SmallSplits.id("val", item));
    }
    assertThat(examples.member(new Pick(0, true)).mirrored()).isTrue();
  }

  @Test
  void inOrder_whenTheLastBatchIsSmaller_keepsIt() throws Exception {
    SplitExamples examples = SplitExamples.open(split, store);
    assertThat(examples.inOrder(3)).extracting(List::size).containsExactly(3, 3, 1);
  }

  @Test
  void open_whenTheManifestNamesAnotherNumberOfExamples_refuses() {
    SplitManifest.Builder wrong = split.toBuilder();
    wrong.setShards(2, wrong.getShards(2).toBuilder().addItemIds("more"));
    assertThatThrownBy(() -> SplitExamples.open(wrong.build(), store))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("split val");
  }
}
