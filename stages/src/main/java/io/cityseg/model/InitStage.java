package io.cityseg.model;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.InitConfig;
import io.cityseg.proto.Input;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.Piece;
import io.cityseg.proto.StageCall;
import io.cityseg.stage.Stage;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stage init: the initial checkpoint, which is the baseline.
 *
 * <p>Input "weights", a safetensors file or one of torch.save, is there when pretrained weights are
 * given. Their two output layers are replaced by fresh ones whatever their number of classes, as
 * the reference run does; without weights every layer is fresh. Result: a CheckpointManifest.
 */
public final class InitStage implements Stage {
  /** The role of the pretrained weights. */
  public static final String WEIGHTS = "weights";

  @Override
  public String name() {
    return "init";
  }

  @Override
  public int codeVersion() {
    return 1;
  }

  /** None: the fresh layers are drawn by this program's own generator. */
  @Override
  public List<Parameter> environment() {
    return List.of();
  }

  @Override
  public List<Piece> split(StageCall call, StageContext context) throws StageException {
    network(call);
    return List.of(StageKeys.whole(this, call));
  }

  @Override
  public ArtifactRef run(Piece piece, StageContext context) throws StageException, StoreException {
    StageCall call = piece.getWhole();
    InitConfig config = call.getConfig().getInit();
    Optional<ArtifactRef> weights =
        call.getInputsList().stream()
            .filter(input -> input.getRole().equals(WEIGHTS))
            .map(Input::getArtifact)
            .findFirst();
    DeepLabV3 network = DeepLabV3.of(network(call), Checkpoints.NUM_CLASSES);
    Map<String, Tensor> given =
        weights.isPresent() ? pretrained(call, network, weights.get(), context) : Map.of();
    FreshWeights fresh = new FreshWeights(config.getSeed());
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (StateTensor tensor : network.tensors()) {
      Tensor pretrained = given.get(tensor.name());
      tensors.put(tensor.name(), pretrained == null ? fresh.of(tensor) : pretrained);
    }
    return Checkpoints.put(network.type(), tensors, Checkpoints.NUM_CLASSES, context.store());
  }

  /** All tensors but those of the output layers. */
  private static Map<String, Tensor> pretrained(
      StageCall call, DeepLabV3 network, ArtifactRef weights, StageContext context)
      throws StageException, StoreException {
    String source =
        call.getConfig().getInit().getWeights().isEmpty()
            ? "the weights " + weights.getSha256()
            : call.getConfig().getInit().getWeights();
    List<StateTensor> wanted = new ArrayList<>(network.tensors());
    wanted.removeIf(tensor -> isOutput(tensor.name()));
    Map<String, Tensor> tensors;
    try {
      tensors = StateDict.adopted(WeightsFile.read(context.store().file(weights)), wanted);
    } catch (StageException e) {
      throw new StageException("Cannot use " + source + " as init.weights: " + e.getMessage(), e);
    }
    tensors.keySet().removeIf(InitStage::isOutput);
    return StateDict.checked(source, tensors, network.type(), wanted);
  }

  private static NetworkType network(StageCall call) throws StageException {
    return NetworkType.named("init.network", call.getConfig().getInit().getNetwork());
  }

  private static boolean isOutput(String name) {
    return DeepLabV3.OUTPUT_LAYERS.stream().anyMatch(name::startsWith);
  }

  @Override
  public ArtifactRef gather(StageCall call, List<ArtifactRef> results, StageContext context) {
    return results.get(0);
  }
}
