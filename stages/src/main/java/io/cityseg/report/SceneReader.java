package io.cityseg.report;

import static java.util.Objects.requireNonNull;

import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.ImageException;
import io.cityseg.image.RgbImage;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.Example;
import io.cityseg.proto.Prediction;
import io.cityseg.proto.ShardManifest;
import io.cityseg.shards.ShardReader;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the images whose predictions were kept: the image and its label from the shards of the val
 * split, the predictions from their PNGs.
 *
 * @param inputs the report's inputs
 * @param store where shards and predictions are
 */
record SceneReader(ReportInputs inputs, ArtifactStore store) {
  SceneReader {
    requireNonNull(inputs, "inputs");
    requireNonNull(store, "store");
  }

  /**
   * The images of which the shown evaluation keeps a prediction, in its order.
   *
   * @throws StageException when one is not in the split, or a prediction is not a picture of its
   *     size
   */
  List<Scene> scenes() throws StageException, StoreException {
    List<String> ids =
        inputs.comparison().shown().manifest().getPredictionsList().stream()
            .map(Prediction::getId)
            .toList();
    Map<String, Example> examples = examples(ids);
    List<Scene> scenes = new ArrayList<>();
    for (String id : ids) {
      if (!examples.containsKey(id)) {
        throw new StageException(
            "Cannot show the prediction for image '%s': no shard of the val split has that image"
                .formatted(id));
      }
      scenes.add(scene(examples.get(id)));
    }
    return scenes;
  }

  private Map<String, Example> examples(List<String> ids) throws StageException, StoreException {
    Map<String, Example> examples = new HashMap<>();
    for (ShardManifest shard : inputs.val().getShardsList()) {
      if (shard.getItemIdsList().stream().anyMatch(ids::contains)) {
        read(shard.getFile(), ids, examples);
      }
    }
    return examples;
  }

  private void read(ArtifactRef shard, List<String> ids, Map<String, Example> examples)
      throws StageException, StoreException {
    try (ShardReader reader = ShardReader.open(store.file(shard))) {
      Optional<Example> example = reader.next();
      while (example.isPresent()) {
        if (ids.contains(example.get().getId())) {
          examples.put(example.get().getId(), example.get());
        }
        example = reader.next();
      }
    } catch (IOException e) {
      throw new StageException(
          "Cannot read the images that the report shows from shard %s: %s"
              .formatted(shard.getSha256(), e.getMessage()),
          e);
    }
  }

  private Scene scene(Example example) throws StageException, StoreException {
    RgbImage image =
        new RgbImage(example.getHeight(), example.getWidth(), example.getImage().toByteArray());
    byte[] classes = example.getLabel().toByteArray();
    for (int i = 0; i < classes.length; i++) {
      classes[i] = (byte) CityscapesLabels.classIndex(Byte.toUnsignedInt(classes[i]));
    }
    GreyImage truth = new GreyImage(example.getHeight(), example.getWidth(), classes);
    List<Scene.Predicted> predictions = new ArrayList<>();
    for (Evaluated evaluated : shownEvaluations()) {
      ArtifactRef png = evaluated.predictionsById().get(example.getId());
      if (png != null) {
        predictions.add(new Scene.Predicted(evaluated, prediction(png, example)));
      }
    }
    return new Scene(example.getId(), image, truth, predictions);
  }

  private List<Evaluated> shownEvaluations() {
    Comparison comparison = inputs.comparison();
    return comparison
        .best()
        .map(best -> List.of(comparison.baseline(), best))
        .orElse(List.of(comparison.baseline()));
  }

  private GreyImage prediction(ArtifactRef png, Example example)
      throws StageException, StoreException {
    String name = "prediction " + png.getSha256() + " for image '" + example.getId() + "'";
    try {
      GreyImage classes = ImageCodec.decodeGrey(store.read(png), name);
      if (classes.height() != example.getHeight() || classes.width() != example.getWidth()) {
        throw new StageException(
            "Cannot show %s: it is %dx%d pixels (must be %dx%d, the image's size)"
                .formatted(
                    name,
                    classes.height(),
                    classes.width(),
                    example.getHeight(),
                    example.getWidth()));
      }
      Optional<String> problem = ClassPicture.problem(classes);
      if (problem.isPresent()) {
        throw new StageException("Cannot show " + name + ": " + problem.get());
      }
      return classes;
    } catch (ImageException e) {
      throw new StageException("Cannot show " + name + ": " + e.getMessage(), e);
    }
  }
}
