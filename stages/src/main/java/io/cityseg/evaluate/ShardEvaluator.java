package io.cityseg.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.PixelSize;
import io.cityseg.image.Resize;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.proto.EvaluateWork;
import io.cityseg.proto.Example;
import io.cityseg.proto.ImageMetrics;
import io.cityseg.proto.Prediction;
import io.cityseg.proto.ShardEvaluation;
import io.cityseg.proto.SourceItem;
import io.cityseg.score.ConfusionCounts;
import io.cityseg.shards.ShardReader;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Evaluates one network on one shard, batch by batch: by the measure {@code paper}, and by {@code
 * cityscapes} where both are made from the same forward pass. For one use, by one thread.
 */
final class ShardEvaluator {
  private final SegmentationNetwork network;
  private final EvaluateWork work;
  private final ArtifactStore store;
  private final ConfusionCounts counts = new ConfusionCounts(CityscapesLabels.CLASSES);
  private final ShardEvaluation.Builder evaluation = ShardEvaluation.newBuilder();
  private final boolean paper;
  private final boolean cityscapes;
  private final CityscapesCounter fullSize;
  private ByteBuffer buffer;

  ShardEvaluator(SegmentationNetwork network, EvaluateWork work, ArtifactStore store) {
    this.network = network;
    this.work = work;
    this.store = store;
    this.paper = work.getMeasuresList().contains(PaperMeasure.NAME);
    this.cityscapes = work.getMeasuresList().contains(CityscapesMeasure.NAME);
    this.fullSize = new CityscapesCounter(store, Measures.boundary(work.getConfig()));
  }

  /**
   * Reads the shard to its end.
   *
   * @throws StageException when it does not hold what its manifest names
   */
  ShardEvaluation evaluate() throws StageException, StoreException, InterruptedException {
    List<String> found = new ArrayList<>();
    List<Batch.Member> members = new ArrayList<>();
    try (ShardReader examples = ShardReader.open(store.file(work.getShard().getFile()))) {
      for (var example = examples.next(); example.isPresent(); example = examples.next()) {
        found.add(example.get().getId());
        members.add(new Batch.Member(example.get(), false));
        if (members.size() == work.getConfig().getBatchSize()) {
          evaluate(members);
          members.clear();
        }
      }
    } catch (IOException e) {
      throw new StageException("Cannot evaluate a shard: " + e.getMessage(), e);
    }
    if (!members.isEmpty()) {
      evaluate(members);
    }
    if (!found.equals(work.getShard().getItemIdsList())) {
      throw new StageException(
          "Cannot use shard %s: its manifest names %s where the file has %s"
              .formatted(
                  work.getShard().getFile().getSha256(), work.getShard().getItemIdsList(), found));
    }
    if (paper) {
      evaluation.setConfusion(counts.toProto());
    }
    if (cityscapes) {
      evaluation.setCityscapes(fullSize.counts());
    }
    return evaluation.build();
  }

  private void evaluate(List<Batch.Member> members)
      throws StageException, StoreException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while evaluating");
    }
    Batch batch = batch(members);
    try (NDManager scope = network.manager().newSubManager();
        NDArray input = batch.input(scope);
        NDArray coarse = network.coarseLogits(input)) {
      requireFinite(coarse, members);
      if (paper) {
        addPaper(batch, coarse);
      }
      if (cityscapes) {
        addCityscapes(batch, coarse);
      }
    }
  }

  private void addPaper(Batch batch, NDArray coarse) throws StoreException {
    byte[] predicted;
    try (NDArray logits = SegmentationNetwork.enlarged(coarse, batch.height(), batch.width())) {
      predicted = Predictions.of(logits);
    }
    int pixels = batch.height() * batch.width();
    for (int i = 0; i < batch.size(); i++) {
      byte[] classes = Arrays.copyOfRange(predicted, i * pixels, (i + 1) * pixels);
      add(batch, i, classes);
    }
  }

  private void addCityscapes(Batch batch, NDArray coarse) throws StageException, StoreException {
    for (int i = 0; i < batch.size(); i++) {
      String id = batch.ids().get(i);
      SourceItem item =
          work.getSourcesList().stream()
              .filter(source -> source.getId().equals(id))
              .findFirst()
              .orElseThrow(
                  () -> new StageException("Cannot evaluate " + id + ": it has no ground truth"));
      GreyImage classes;
      try (NDArray logits = FullSizePredictor.evaluated(coarse, i)) {
        classes =
            FullSizePredictor.classes(logits, new PixelSize(item.getHeight(), item.getWidth()));
      }
      fullSize.add(item, classes);
      if (!paper) {
        keep(id, Resize.nearest(classes, batch.height(), batch.width()));
      }
    }
  }

  /** The largest of NaNs is the first class everywhere, which would pass for a result. */
  private void requireFinite(NDArray logits, List<Batch.Member> members) throws StageException {
    try (NDArray sum = logits.sum()) {
      if (!Float.isFinite(sum.getFloat())) {
        throw new StageException(
            "Cannot evaluate checkpoint %s: its logits for %s are not finite numbers; its training diverged, or its weights are damaged"
                .formatted(
                    work.getCheckpoint().getSha256(),
                    members.stream().map(member -> member.example().getId()).toList()));
      }
    }
  }

  private Batch batch(List<Batch.Member> members) throws StageException {
    Example first = members.get(0).example();
    try {
      if (buffer == null) {
        int images = Math.min(work.getConfig().getBatchSize(), work.getShard().getItemIdsCount());
        buffer = Batch.newBuffer(images, first.getHeight(), first.getWidth());
      }
      return Batch.of(members, buffer);
    } catch (IllegalArgumentException e) {
      throw new StageException(
          "Cannot use shard %s: %s"
              .formatted(work.getShard().getFile().getSha256(), e.getMessage()),
          e);
    }
  }

  private void add(Batch batch, int image, byte[] classes) throws StoreException {
    var ofImage = new ConfusionCounts(counts.classes());
    ofImage.add(batch.targets(image), classes);
    counts.merge(ofImage);
    PaperMeasure measure = PaperMeasure.of(ofImage);
    String id = batch.ids().get(image);
    evaluation.addImages(
        ImageMetrics.newBuilder()
            .setId(id)
            .setMeanIou(measure.meanIou().orElseThrow())
            .setPixelAccuracy(measure.pixelAccuracy().orElseThrow()));
    keep(id, new GreyImage(batch.height(), batch.width(), classes));
  }

  private void keep(String id, GreyImage classes) throws StoreException {
    if (work.getPicturesList().contains(id)) {
      byte[] png = ImageCodec.encodePng(classes);
      evaluation.addPredictions(Prediction.newBuilder().setId(id).setPng(store.put("png", png)));
    }
  }
}
