package io.cityseg.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.model.Logits;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.proto.EvaluateWork;
import io.cityseg.proto.Example;
import io.cityseg.proto.ImageMetrics;
import io.cityseg.proto.Prediction;
import io.cityseg.proto.ShardEvaluation;
import io.cityseg.shards.ShardReader;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Evaluates one network on one shard, batch by batch. For one use, by one thread. */
final class ShardEvaluator {
  private final SegmentationNetwork network;
  private final EvaluateWork work;
  private final ArtifactStore store;
  private final ConfusionCounts counts = new ConfusionCounts(CityscapesLabels.CLASSES);
  private final ShardEvaluation.Builder evaluation = ShardEvaluation.newBuilder();
  private ByteBuffer buffer;

  ShardEvaluator(SegmentationNetwork network, EvaluateWork work, ArtifactStore store) {
    this.network = network;
    this.work = work;
    this.store = store;
  }

  /**
   * Reads the shard to its end.
   *
   * @throws StageException when it does not hold what its manifest names
   */
  ShardEvaluation evaluate() throws StageException, StoreException, InterruptedException {
    List<Batch.Member> members = new ArrayList<>();
    try (ShardReader examples = ShardReader.open(store.file(work.getShard().getFile()))) {
      for (var example = examples.next(); example.isPresent(); example = examples.next()) {
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
    List<String> found = evaluation.getImagesList().stream().map(ImageMetrics::getId).toList();
    if (!found.equals(work.getShard().getItemIdsList())) {
      throw new StageException(
          "Cannot use shard %s: its manifest names %s where the file has %s"
              .formatted(
                  work.getShard().getFile().getSha256(), work.getShard().getItemIdsList(), found));
    }
    return evaluation.setConfusion(counts.toProto()).build();
  }

  private void evaluate(List<Batch.Member> members)
      throws StageException, StoreException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while evaluating");
    }
    Batch batch = batch(members);
    byte[] predicted;
    try (NDManager scope = network.manager().newSubManager();
        NDArray input = batch.input(scope);
        Logits logits = network.forward(input, false, false)) {
      requireFinite(logits.out(), members);
      predicted = Predictions.of(logits.out());
    }
    int pixels = batch.height() * batch.width();
    for (int i = 0; i < batch.size(); i++) {
      byte[] classes = Arrays.copyOfRange(predicted, i * pixels, (i + 1) * pixels);
      add(batch, i, classes);
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
    if (work.getPicturesList().contains(id)) {
      byte[] png = ImageCodec.encodePng(new GreyImage(batch.height(), batch.width(), classes));
      evaluation.addPredictions(Prediction.newBuilder().setId(id).setPng(store.put("png", png)));
    }
  }
}
