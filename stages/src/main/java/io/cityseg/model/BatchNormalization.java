package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.function.Consumer;

/**
 * torch.nn.BatchNorm2d.
 *
 * @param name the state dict's prefix: {@code name.running_mean}
 * @param momentum the batch's share in the running statistics
 * @param epsilon is added to the variance
 */
record BatchNormalization(String name, int channels, double momentum, double epsilon) {
  private static final double MOMENTUM = 0.1;

  /** Added to variances. */
  static final double EPSILON = 1e-5;

  /** With PyTorch's default settings. */
  BatchNormalization(String name, int channels) {
    this(name, channels, MOMENTUM, EPSILON);
  }

  void describe(Consumer<StateTensor> tensors) {
    List<Long> each = List.of((long) channels);
    tensors.accept(tensor("weight", each, StateTensor.Role.NORM_WEIGHT));
    tensors.accept(tensor("bias", each, StateTensor.Role.NORM_BIAS));
    tensors.accept(tensor("running_mean", each, StateTensor.Role.RUNNING_MEAN));
    tensors.accept(tensor("running_var", each, StateTensor.Role.RUNNING_VARIANCE));
    tensors.accept(tensor("num_batches_tracked", List.of(), StateTensor.Role.BATCHES_TRACKED));
  }

  private StateTensor tensor(String suffix, List<Long> shape, StateTensor.Role role) {
    return new StateTensor(name + "." + suffix, shape, role, 0);
  }

  /**
   * [N, C, H, W] to the same. In training it moves the running statistics and counts the batch.
   *
   * <p>It calls the engine's function, since DJL's block takes the momentum as 1 - 0.9f, which is
   * not 0.1.
   */
  NDArray apply(Pass pass, NDArray x) {
    if (pass.training()) {
      pass.tensor(name + ".num_batches_tracked").addi(1L);
    }
    // The function's parameters are misnamed: it takes the statistics after weight and bias.
    NDArray y =
        JniUtils.batchNorm(
            (PtNDArray) x,
            (PtNDArray) pass.tensor(name + ".running_mean"),
            (PtNDArray) pass.tensor(name + ".running_var"),
            (PtNDArray) pass.tensor(name + ".weight"),
            (PtNDArray) pass.tensor(name + ".bias"),
            pass.training(),
            momentum,
            epsilon);
    return pass.shown(name, y);
  }
}
