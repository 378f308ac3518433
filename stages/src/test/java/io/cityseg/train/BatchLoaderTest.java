package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.cityseg.augment.Augmentation;
import io.cityseg.evaluate.Batch;
import io.cityseg.model.EngineTurn;
import io.cityseg.proto.SplitManifest;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.LocalObjects;
import io.cityseg.train.EpochOrder.Pick;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchLoaderTest {
  private static final int SIZE = 32;
  private static final int ITEMS = 11;

  @TempDir Path folder;
  private SplitManifest split;
  private ArtifactStore store;
  private SplitExamples examples;

  @BeforeEach
  void write() throws Exception {
    store = new ArtifactStore(LocalObjects.open(folder.resolve("store")));
    split =
        store.readManifest(
            SmallSplits.write(store, folder, "train", ITEMS, SIZE, 3), SplitManifest.parser());
    examples = SplitExamples.open(split, store);
  }

  @Test
  void pass_whateverThreadsAndBatchesAhead_givesTheSameBytes() throws Exception {
    var augmentation = new Augmentation(16, 32, 0.5, 2, 0.75, true);
    var augmented = new AugmentedExamples(examples, augmentation, 42, 1);
    List<String> one = contents(augmented, 1, 1);
    assertThat(one).hasSize(5);
    assertThat(contents(augmented, 4, 3)).isEqualTo(one);
    assertThat(contents(augmented, 3, 64)).isEqualTo(one);
    assertThat(contents(new AugmentedExamples(examples, augmentation, 42, 2), 2, 2))
        .as("another epoch")
        .isNotEqualTo(one);
  }

  @Test
  void member_whateverItsPlaceInTheOrder_isAugmentedInTheSameWay() throws Exception {
    var augmented = new AugmentedExamples(examples, new Augmentation(8, 8, 0.5, 2, 1, true), 42, 1);
    Batch.Member first = augmented.member(new Pick(5, false));
    augmented.member(new Pick(4, false));
    assertThat(augmented.member(new Pick(5, false))).isEqualTo(first);
    assertThat(first.example().getHeight()).isEqualTo(8);
  }

  @Test
  void pass_withoutAugmentation_showsTheExamplesAsTheyAre() throws Exception {
    var plain = new AugmentedExamples(examples, Augmentation.NONE, 42, 1);
    assertThat(contents(plain, 2, 2)).isEqualTo(contents(examples, 1, 1));
  }

  @Test
  void pass_whenOneIsGivenUp_theNextIsWhole() throws Exception {
    try (var loader = new BatchLoader(2, 2, 2 * SIZE * SIZE)) {
      BatchLoader.Pass givenUp = loader.pass(examples, examples.inOrder(2));
      givenUp.next();
      List<String> ids = new ArrayList<>();
      BatchLoader.Pass pass = loader.pass(examples, examples.inOrder(2));
      while (pass.hasNext()) {
        ids.addAll(pass.next().ids());
      }
      assertThat(ids).hasSize(ITEMS).doesNotHaveDuplicates().isSorted();
    }
  }

  @Test
  void next_whileTheNetworkHoldsABatch_doesNotOverwriteIt() throws Exception {
    var laterItems = new CountDownLatch(2);
    Examples watched =
        new Examples() {
          @Override
          public int height() {
            return SIZE;
          }

          @Override
          public int width() {
            return SIZE;
          }

          @Override
          public Batch.Member member(Pick pick) throws StageException {
            Batch.Member member = examples.member(pick);
            if (pick.item() >= 4) {
              laterItems.countDown();
            }
            return member;
          }
        };
    try (var loader = new BatchLoader(3, 1, 2 * SIZE * SIZE)) {
      BatchLoader.Pass pass = loader.pass(watched, examples.inOrder(2));
      assertThat(pass.next().ids())
          .containsExactly(SmallSplits.id("train", 0), SmallSplits.id("train", 1));
      Batch second = pass.next();
      String before = content(second);
      laterItems.await(); // the third batch is in the making, in the first one's buffer
      assertThat(content(second)).isEqualTo(before);
      assertThat(pass.waitedNanos()).isNotNegative();
    }
  }

  @Test
  void next_whenTheManifestNamesAnotherItem_saysWhich() throws Exception {
    SplitManifest.Builder wrong = split.toBuilder();
    wrong.setShards(0, wrong.getShards(0).toBuilder().setItemIds(1, "other"));
    SplitExamples broken = SplitExamples.open(wrong.build(), store);
    try (var loader = new BatchLoader(1, 1, 2 * SIZE * SIZE)) {
      BatchLoader.Pass pass = loader.pass(broken, broken.inOrder(2));
      assertThatThrownBy(pass::next)
          .isInstanceOf(StageException.class)
          .hasMessageContaining("its manifest names other where the file has train_000001_000019");
    }
  }

  @Test
  void next_whenABatchIsLargerThanTheBuffers_failsInsteadOfCutting() throws Exception {
    try (var loader = new BatchLoader(1, 1, SIZE * SIZE)) {
      BatchLoader.Pass pass = loader.pass(examples, examples.inOrder(2));
      assertThatThrownBy(pass::next)
          .isInstanceOf(StageException.class)
          .hasMessage(
              "Cannot use the shards: Invalid buffer: 13312 bytes for 2 images of 32 x 32 (must be a direct one of 26624)");
    }
  }

  private List<String> contents(Examples shown, int threads, int ahead) throws Exception {
    List<List<Pick>> order = EpochOrder.of(ITEMS, 2, 0.5, 42, 1).batches();
    List<String> contents = new ArrayList<>();
    try (var loader = new BatchLoader(threads, ahead, 3 * SIZE * SIZE)) {
      BatchLoader.Pass pass = loader.pass(shown, order);
      while (pass.hasNext()) {
        Batch batch = pass.next();
        contents.add(content(batch));
      }
    }
    return contents;
  }

  private static String content(Batch batch) throws Exception {
    try (EngineTurn turn = EngineTurn.take()) {
      turn.threads(1);
      try (NDManager manager = NDManager.newBaseManager("PyTorch");
          NDArray input = batch.input(manager)) {
        return "%s %s %08x %08x"
            .formatted(
                batch.ids(),
                input.getShape(),
                Arrays.hashCode(input.toFloatArray()),
                Arrays.hashCode(batch.targets()));
      }
    }
  }
}
