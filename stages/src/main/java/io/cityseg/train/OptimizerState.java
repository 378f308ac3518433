package io.cityseg.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.cityseg.model.Tensor;
import io.cityseg.model.TorchEngine;
import io.cityseg.stage.StageException;
import java.util.Map;

/**
 * A saved state, whose tensors are looked for by name.
 *
 * @param tensors what was saved
 */
record OptimizerState(Map<String, Tensor> tensors) {
  /** A count. */
  long count(String name) throws StageException {
    return found(name).bytes().getLong();
  }

  /**
   * An array that belongs to a parameter.
   *
   * @param manager where it lives
   * @throws StageException when there is none, or one of another shape than the parameter's
   */
  NDArray array(String name, NDArray parameter, NDManager manager) throws StageException {
    NDArray array = TorchEngine.array(manager, found(name));
    if (!array.getShape().equals(parameter.getShape())) {
      throw new StageException(
          "Cannot continue training: the optimiser's state has %s with shape %s, and the network's parameter has %s"
              .formatted(name, array.getShape(), parameter.getShape()));
    }
    return array;
  }

  private Tensor found(String name) throws StageException {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new StageException(
          "Cannot continue training: the optimiser's state lacks the tensor "
              + name
              + "; force stage train to begin anew");
    }
    return tensor;
  }
}
