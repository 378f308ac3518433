package io.cityseg.train;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.UnsafeByteOperations;
import io.cityseg.augment.Augmentation;
import io.cityseg.augment.LabelledImage;
import io.cityseg.augment.RandomStream;
import io.cityseg.evaluate.Batch;
import io.cityseg.image.GreyImage;
import io.cityseg.image.RgbImage;
import io.cityseg.proto.Example;
import io.cityseg.stage.StageException;
import io.cityseg.train.EpochOrder.Pick;

/**
 * A split's examples as one epoch shows them. What becomes of an item follows from the seed, the
 * epoch and its place in the split alone, whatever the order and the thread.
 *
 * @param epoch counted from 1
 */
record AugmentedExamples(SplitExamples examples, Augmentation augmentation, long seed, int epoch)
    implements Examples {
  AugmentedExamples {
    requireNonNull(examples, "examples");
    requireNonNull(augmentation, "augmentation");
  }

  @Override
  public int height() {
    return augmentation.height(examples.height());
  }

  @Override
  public int width() {
    return augmentation.width(examples.width());
  }

  @Override
  public Batch.Member member(Pick pick) throws StageException {
    Batch.Member member = examples.member(pick);
    if (augmentation.isNone()) {
      return member;
    }
    Example example = member.example();
    try {
      LabelledImage augmented =
          augmentation.apply(
              labelled(example), new RandomStream(seed, "augment", epoch, pick.item()));
      return new Batch.Member(example(example.getId(), augmented), pick.mirrored());
    } catch (IllegalArgumentException e) {
      throw new StageException(
          "Cannot augment example %s: %s".formatted(example.getId(), e.getMessage()), e);
    }
  }

  private static LabelledImage labelled(Example example) {
    int height = example.getHeight();
    int width = example.getWidth();
    return new LabelledImage(
        new RgbImage(height, width, example.getImage().toByteArray()),
        new GreyImage(height, width, example.getLabel().toByteArray()));
  }

  private static Example example(String id, LabelledImage labelled) {
    return Example.newBuilder()
        .setId(id)
        .setHeight(labelled.height())
        .setWidth(labelled.width())
        .setImage(UnsafeByteOperations.unsafeWrap(labelled.image().pixels()))
        .setLabel(UnsafeByteOperations.unsafeWrap(labelled.label().pixels()))
        .build();
  }
}
