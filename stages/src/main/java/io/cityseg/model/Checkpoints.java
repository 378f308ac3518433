package io.cityseg.model;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import io.cityseg.store.TemporaryFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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
    return put(network.tensors(), network.numClasses(), store);
  }

  /**
   * Stores a checkpoint from anywhere: a safetensors file with torchvision's names, with or without
   * DataParallel's "module." before them. It is encoded anew, so that the same weights are the same
   * artifact whoever wrote the file.
   *
   * @return its CheckpointManifest
   * @throws StageException when it is no such file, or its tensors are not those of the network
   *     with {@value #NUM_CLASSES} classes
   */
  public static ArtifactRef importCheckpoint(Path file, ArtifactStore store)
      throws StageException, StoreException {
    refusePth("the checkpoint", file.toString());
    List<StateTensor> wanted = DeepLabV3.of(NUM_CLASSES).tensors();
    Map<String, Tensor> tensors = StateDict.adopted(Safetensors.read(file), wanted);
    return put(StateDict.checked(file.toString(), tensors, wanted), NUM_CLASSES, store);
  }

  /** Says how to convert a file of torch.save, which is a pickled program. */
  static void refusePth(String what, String file) throws StageException {
    String name = file.toLowerCase(Locale.ROOT);
    if (name.endsWith(".pth") || name.endsWith(".pt")) {
      throw new StageException(
          ("Cannot read %s: %s is a %s file; only .safetensors can be read so far; convert it in"
                  + " Python with safetensors.torch.save_file(torch.load('%s',"
                  + " weights_only=True), 'converted.safetensors')")
              .formatted(what, file, name.substring(name.lastIndexOf('.')), file));
    }
  }

  static ArtifactRef put(Map<String, Tensor> tensors, int numClasses, ArtifactStore store)
      throws StageException, StoreException {
    try (TemporaryFile file = store.temporaryFile()) {
      Safetensors.write(file.path(), tensors);
      return store.putManifest(
          CheckpointManifest.newBuilder()
              .setNetwork(DeepLabV3.NAME)
              .setNumClasses(numClasses)
              .setWeights(store.put(KIND, file.path()))
              .build());
    }
  }
}
