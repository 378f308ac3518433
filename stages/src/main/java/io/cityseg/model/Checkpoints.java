package io.cityseg.model;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import io.cityseg.store.TemporaryFile;
import java.nio.file.Path;
import java.util.Map;

/** Checkpoints in the store: a safetensors blob, and the manifest that says what it is. */
public final class Checkpoints {
  /** The 19 trainIds and void. */
  public static final int NUM_CLASSES = 20;

  private static final String KIND = "safetensors";

  private Checkpoints() {}

  /** Stores a network's present weights and returns the CheckpointManifest. */
  public static ArtifactRef put(SegmentationNetwork network, ArtifactStore store)
      throws StageException, StoreException {
    return put(network.type(), network.tensors(), network.numClasses(), store);
  }

  /**
   * Stores a checkpoint from anywhere: a safetensors file or one of torch.save, with torchvision's
   * names, with or without DataParallel's "module." before them, which also say which network it
   * is. It is encoded anew, so that the same weights are the same artifact whoever wrote the file.
   *
   * @return its CheckpointManifest
   * @throws StageException when it is no such file, or its tensors are not those of a network with
   *     {@value #NUM_CLASSES} classes
   */
  public static ArtifactRef importCheckpoint(Path file, ArtifactStore store)
      throws StageException, StoreException {
    Foreign checkpoint = read(file);
    return put(checkpoint.network(), checkpoint.tensors(), NUM_CLASSES, store);
  }

  /** A checkpoint that somebody else wrote, with this program's names and order. */
  record Foreign(NetworkType network, Map<String, Tensor> tensors) {}

  /** Reads a checkpoint as {@link #importCheckpoint} does. */
  static Foreign read(Path file) throws StageException {
    Map<String, Tensor> tensors = StateDict.withoutPrefix(WeightsFile.read(file));
    DeepLabV3 network =
        DeepLabV3.of(
            NetworkType.recognised(tensors.keySet()).orElse(NetworkType.DEEPLABV3_RESNET50),
            NUM_CLASSES);
    Map<String, Tensor> adopted = StateDict.adopted(tensors, network.tensors());
    return new Foreign(network.type(), StateDict.checked(file.toString(), adopted, network));
  }

  static ArtifactRef put(
      NetworkType network, Map<String, Tensor> tensors, int numClasses, ArtifactStore store)
      throws StageException, StoreException {
    try (TemporaryFile file = store.temporaryFile()) {
      Safetensors.write(file.path(), tensors);
      return store.putManifest(
          CheckpointManifest.newBuilder()
              .setNetwork(network.text())
              .setNumClasses(numClasses)
              .setWeights(store.put(KIND, file.path()))
              .build());
    }
  }
}
