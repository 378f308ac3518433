package io.cityseg.evaluate;

import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.ImageException;
import io.cityseg.image.PixelSize;
import io.cityseg.image.Resize;
import io.cityseg.image.RgbImage;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.proto.EvaluateWork;
import io.cityseg.proto.Prediction;
import io.cityseg.proto.ShardEvaluation;
import io.cityseg.proto.SourceItem;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;

/**
 * Evaluates one network on the images of one shard at full resolution, where the measure {@code
 * cityscapes} needs forward passes of its own. One image at a time. For one use, by one thread.
 */
final class FullSizeEvaluator {
  private final FullSizePredictor predictor;
  private final EvaluateWork work;
  private final ArtifactStore store;

  FullSizeEvaluator(SegmentationNetwork network, EvaluateWork work, ArtifactStore store) {
    PixelSize trainingSize = new PixelSize(work.getHeight(), work.getWidth());
    this.predictor =
        new FullSizePredictor(network, FullSizeOptions.of(work.getConfig(), trainingSize));
    this.work = work;
    this.store = store;
  }

  /** Predicts and counts every image. */
  ShardEvaluation evaluate() throws StageException, StoreException, InterruptedException {
    ShardEvaluation.Builder evaluation = ShardEvaluation.newBuilder();
    CityscapesCounter counter = new CityscapesCounter(store, Measures.boundary(work.getConfig()));
    for (SourceItem item : work.getSourcesList()) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted before " + item.getId());
      }
      GreyImage classes = predictor.predict(image(item), item.getId());
      counter.add(item, classes);
      if (work.getPicturesList().contains(item.getId())) {
        GreyImage picture = Resize.nearest(classes, work.getHeight(), work.getWidth());
        evaluation.addPredictions(
            Prediction.newBuilder()
                .setId(item.getId())
                .setPng(store.put("png", ImageCodec.encodePng(picture))));
      }
    }
    return evaluation.setCityscapes(counter.counts()).build();
  }

  private RgbImage image(SourceItem item) throws StageException, StoreException {
    try {
      return ImageCodec.decodeRgb(store.read(item.getImage()), item.getId() + "_leftImg8bit.png");
    } catch (ImageException e) {
      throw new StageException("Cannot evaluate: " + e.getMessage(), e);
    }
  }
}
