package io.cityseg.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cityseg.evaluate.PaperMeasure;
import io.cityseg.proto.CityscapesMetrics;
import io.cityseg.proto.ClassMetrics;
import io.cityseg.proto.ConfusionMatrix;
import io.cityseg.proto.EpochHistory;
import io.cityseg.proto.ImageMetrics;
import io.cityseg.proto.LabelScore;
import io.cityseg.proto.TrainedEpoch;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The report's numbers for machines: strict JSON in UTF-8, null for what is absent, shares as
 * doubles of 0..1 in full precision. The keys are stable:
 *
 * <pre>
 * measure       "paper", which all numbers are of but those below "cityscapes"; null where it was
 *               not asked for
 * split         {items, height, width, sha256}: the val split; pixels
 * baseline      an evaluation
 * checkpoints   [evaluation], in the order of the inputs
 * history       [{epoch, steps, trainLoss, trainMeanIou, valLoss, valMeanIou, valPixelAccuracy,
 *               learningRate, checkpoint}], empty when there is none
 *
 * an evaluation is
 * {subject, checkpoint, evaluation       the digests of the CheckpointManifest and of the
 *                                        EvaluationManifest
 *  meanIou, pixelAccuracy, deltaMeanIou  the last is the difference to the baseline
 *  classes [{index, name, iou, targetPixels, predictedPixels}]
 *  images [{id, meanIou, pixelAccuracy}]
 *  confusionMatrix [[pixels]]            row = ground truth, column = prediction
 *  cityscapes                            left out where that measure was not asked for:
 *   {prediction, images, imagesWithoutInstances, sources,
 *    meanIou, meanCategoryIou, meanInstanceIou, meanCategoryInstanceIou, deltaMeanIou,
 *    classes [{name, iou, instanceIou}], categories [{name, iou, instanceIou}],
 *    confusionMatrix [[pixels]]}}        regular ids 0..33
 *
 * with boundary scores, "cityscapes" has, too:
 * {meanBoundaryIou, boundaryDilationRatio,
 *  classes [{boundaryIou}],
 *  boundaryPixels {intersections [pixels], unions [pixels]}}   for regular ids 0..33
 * </pre>
 */
final class MetricsJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private MetricsJson() {}

  /** The file's bytes. */
  static byte[] of(ReportInputs inputs) {
    ObjectNode root = NODES.objectNode();
    root.put("measure", inputs.measures().contains(Measure.PAPER) ? PaperMeasure.NAME : null);
    root.putObject("split")
        .put("items", inputs.val().getItems())
        .put("height", inputs.val().getHeight())
        .put("width", inputs.val().getWidth())
        .put("sha256", inputs.comparison().baseline().manifest().getSplit().getSha256());
    root.set("baseline", evaluation(inputs.comparison(), inputs.comparison().baseline()));
    ArrayNode checkpoints = root.putArray("checkpoints");
    for (Evaluated checkpoint : inputs.comparison().checkpoints()) {
      checkpoints.add(evaluation(inputs.comparison(), checkpoint));
    }
    ArrayNode history = root.putArray("history");
    for (TrainedEpoch epoch : inputs.history().getEpochsList()) {
      history.add(epoch(epoch));
    }
    return encode(root);
  }

  private static ObjectNode evaluation(Comparison comparison, Evaluated evaluated) {
    ObjectNode node = NODES.objectNode();
    node.put("subject", evaluated.subject());
    node.put("checkpoint", evaluated.manifest().getCheckpoint().getSha256());
    node.put("evaluation", evaluated.reference().getSha256());
    Comparison paper = comparison.by(Measure.PAPER);
    put(node, "meanIou", paper.meanIou(evaluated));
    put(node, "pixelAccuracy", evaluated.pixelAccuracy());
    put(node, "deltaMeanIou", paper.deltaMeanIou(evaluated));
    ArrayNode classes = node.putArray("classes");
    for (ClassMetrics metrics : evaluated.manifest().getClassesList()) {
      ObjectNode entry = classes.addObject();
      entry.put("index", metrics.getClassIndex()).put("name", metrics.getName());
      put(entry, "iou", Evaluated.iou(metrics));
      entry
          .put("targetPixels", metrics.getTargetPixels())
          .put("predictedPixels", metrics.getPredictedPixels());
    }
    ArrayNode images = node.putArray("images");
    for (ImageMetrics image : evaluated.manifest().getImagesList()) {
      ObjectNode entry = images.addObject().put("id", image.getId());
      put(entry, "meanIou", OptionalDouble.of(image.getMeanIou()));
      put(entry, "pixelAccuracy", OptionalDouble.of(image.getPixelAccuracy()));
    }
    node.set("confusionMatrix", matrix(evaluated.manifest().getConfusion()));
    if (evaluated.manifest().hasCityscapes()) {
      node.set("cityscapes", cityscapes(comparison.by(Measure.CITYSCAPES), evaluated));
    }
    return node;
  }

  private static ObjectNode cityscapes(Comparison comparison, Evaluated evaluated) {
    CityscapesMetrics metrics = evaluated.manifest().getCityscapes();
    ObjectNode node = NODES.objectNode();
    node.put("prediction", metrics.getPrediction());
    node.put("images", metrics.getImages());
    node.put("imagesWithoutInstances", metrics.getImagesWithoutInstances());
    node.put("sources", metrics.getSources().getSha256());
    put(node, "meanIou", comparison.meanIou(evaluated));
    put(node, "meanCategoryIou", metrics.hasMeanCategoryIou(), metrics.getMeanCategoryIou());
    put(node, "meanInstanceIou", metrics.hasMeanInstanceIou(), metrics.getMeanInstanceIou());
    put(
        node,
        "meanCategoryInstanceIou",
        metrics.hasMeanCategoryInstanceIou(),
        metrics.getMeanCategoryInstanceIou());
    put(node, "deltaMeanIou", comparison.deltaMeanIou(evaluated));
    ArrayNode classes = scores(metrics.getClassesList());
    node.set("classes", classes);
    node.set("categories", scores(metrics.getCategoriesList()));
    node.set("confusionMatrix", matrix(metrics.getConfusion()));
    if (metrics.hasBoundary()) {
      putBoundary(node, classes, metrics);
    }
    return node;
  }

  private static void putBoundary(ObjectNode node, ArrayNode classes, CityscapesMetrics metrics) {
    put(node, "meanBoundaryIou", metrics.hasMeanBoundaryIou(), metrics.getMeanBoundaryIou());
    node.put("boundaryDilationRatio", metrics.getBoundaryDilationRatio());
    for (int i = 0; i < classes.size(); i++) {
      LabelScore score = metrics.getClasses(i);
      put(
          (ObjectNode) classes.get(i),
          "boundaryIou",
          score.hasBoundaryIou(),
          score.getBoundaryIou());
    }
    ObjectNode pixels = node.putObject("boundaryPixels");
    ArrayNode intersections = pixels.putArray("intersections");
    metrics.getBoundary().getIntersectionsList().forEach(intersections::add);
    ArrayNode unions = pixels.putArray("unions");
    metrics.getBoundary().getUnionsList().forEach(unions::add);
  }

  private static ArrayNode scores(List<LabelScore> scores) {
    ArrayNode all = NODES.arrayNode();
    for (LabelScore score : scores) {
      ObjectNode entry = all.addObject().put("name", score.getName());
      put(entry, "iou", score.hasIou(), score.getIou());
      put(entry, "instanceIou", score.hasInstanceIou(), score.getInstanceIou());
    }
    return all;
  }

  private static void put(ObjectNode node, String key, boolean present, double value) {
    put(node, key, present ? OptionalDouble.of(value) : OptionalDouble.empty());
  }

  private static ArrayNode matrix(ConfusionMatrix confusion) {
    ArrayNode rows = NODES.arrayNode();
    for (int row = 0; row < confusion.getClasses(); row++) {
      ArrayNode cells = rows.addArray();
      for (int column = 0; column < confusion.getClasses(); column++) {
        cells.add(confusion.getCounts(row * confusion.getClasses() + column));
      }
    }
    return rows;
  }

  private static ObjectNode epoch(TrainedEpoch epoch) {
    EpochHistory history = epoch.getHistory();
    ObjectNode node = NODES.objectNode();
    node.put("epoch", epoch.getEpoch()).put("steps", history.getSteps());
    put(node, "trainLoss", OptionalDouble.of(history.getTrainLoss()));
    put(node, "trainMeanIou", OptionalDouble.of(history.getTrainMeanIou()));
    put(node, "valLoss", OptionalDouble.of(history.getValLoss()));
    put(node, "valMeanIou", OptionalDouble.of(history.getValMeanIou()));
    put(node, "valPixelAccuracy", OptionalDouble.of(history.getValPixelAccuracy()));
    put(node, "learningRate", OptionalDouble.of(history.getLearningRate()));
    return epoch.hasCheckpoint()
        ? node.put("checkpoint", epoch.getCheckpoint().getSha256())
        : node.putNull("checkpoint"); // not kept
  }

  /** JSON has no word for what is not a finite number (RFC 8259, section 6): it becomes null. */
  private static void put(ObjectNode node, String key, OptionalDouble value) {
    if (value.isPresent() && Double.isFinite(value.getAsDouble())) {
      node.put(key, value.getAsDouble());
    } else {
      node.putNull(key);
    }
  }

  private static byte[] encode(ObjectNode root) {
    // Not the platform's line separator: the bytes are the same everywhere.
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter().withObjectIndenter(indenter);
    try {
      String json = JsonMapper.builder().build().writer(printer).writeValueAsString(root);
      return (json + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write the report's metrics.json", e);
    }
  }
}
