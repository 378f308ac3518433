package io.cityseg.evaluate;

import io.cityseg.image.Grey16Bytes;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageException;
import io.cityseg.image.LabelPng;
import io.cityseg.image.LabelPngReader;
import io.cityseg.labels.LabelException;
import io.cityseg.labels.LabelImages;
import io.cityseg.proto.CityscapesCounts;
import io.cityseg.proto.ImageInstances;
import io.cityseg.proto.InstanceCount;
import io.cityseg.proto.LabelSource;
import io.cityseg.proto.SourceItem;
import io.cityseg.score.BoundaryCounts;
import io.cityseg.score.ConfusionCounts;
import io.cityseg.score.ImageCounter;
import io.cityseg.score.ImageCounts;
import io.cityseg.score.ScoreException;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.util.Optional;

/**
 * Counts predictions against the ground truth at full resolution, in regular ids, as the official
 * evaluation does: integers alone. One image is in memory at a time. For one thread.
 */
final class CityscapesCounter {
  private final ArtifactStore store;
  private final ConfusionCounts confusion = new ConfusionCounts(ImageCounts.IDS);
  private final ImageCounter counter;
  private final LabelPngReader reader = new LabelPngReader();
  private final CityscapesCounts.Builder counts = CityscapesCounts.newBuilder();
  private Optional<BoundaryCounts> boundaries;

  /**
   * Begins with no image.
   *
   * @param dilationRatio of boundary regions, where they are asked for
   */
  CityscapesCounter(ArtifactStore store, Optional<Double> dilationRatio) {
    this.store = store;
    this.counter = new ImageCounter(dilationRatio);
    this.boundaries = dilationRatio.map(ratio -> BoundaryCounts.none(ImageCounts.IDS));
  }

  /**
   * Adds an image.
   *
   * @param classes 0..18, [H, W] at the item's size
   * @throws StageException when its ground truth cannot be read, or is of another size
   */
  void add(SourceItem item, GreyImage classes) throws StageException, StoreException {
    var names =
        new ImageCounter.Names(
            labelName(item),
            item.getId() + "_gtFine_instanceIds.png",
            "the prediction for " + item.getId());
    try {
      Optional<Grey16Bytes> instances = Optional.empty();
      if (item.hasInstances()) {
        byte[] png = store.read(item.getInstances());
        instances = Optional.of(reader.read16(png, names.instances()));
      }
      ImageCounts image =
          counter.count(names, truth(item), instances, FullSizePredictor.regularIds(classes));
      confusion.merge(image.confusion());
      boundaries = boundaries.map(sum -> sum.plus(image.boundaries().orElseThrow()));
      counts.addImages(message(item, image));
    } catch (ImageException | LabelException | ScoreException e) {
      throw new StageException(
          "Cannot evaluate %s at full resolution: %s".formatted(item.getId(), e.getMessage()), e);
    }
  }

  /** All that was counted. */
  CityscapesCounts counts() {
    boundaries.ifPresent(sum -> counts.setBoundary(sum.toProto()));
    return counts.setConfusion(confusion.toProto()).build();
  }

  private GreyImage truth(SourceItem item) throws LabelException, ImageException, StoreException {
    byte[] content = store.read(item.getLabel());
    return item.getLabelSource() == LabelSource.POLYGONS
        ? LabelImages.drawIds(content, labelName(item))
        : LabelPng.decode(content, labelName(item));
  }

  private static String labelName(SourceItem item) {
    return item.getId()
        + (item.getLabelSource() == LabelSource.POLYGONS
            ? "_gtFine_polygons.json"
            : "_gtFine_labelIds.png");
  }

  private static ImageInstances message(SourceItem item, ImageCounts image) {
    var instances =
        ImageInstances.newBuilder()
            .setId(item.getId())
            .setCity(item.getCity())
            .setAvailable(item.hasInstances());
    for (ImageCounts.Instance instance : image.instances()) {
      instances.addInstances(
          InstanceCount.newBuilder()
              .setLabelId(instance.label().id())
              .setPixels(instance.pixels())
              .setHits(instance.hits())
              .setCategoryHits(instance.categoryHits()));
    }
    return instances.build();
  }
}
