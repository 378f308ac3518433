package io.cityseg.model;

import java.util.List;

/**
 * One tensor of the network's state dict.
 *
 * @param name torchvision's name
 * @param shape sizes, outermost first; empty for a scalar
 * @param role what it is
 * @param fanIn how many values one output of its layer sums over; 0 for batch normalisation
 */
record StateTensor(String name, List<Long> shape, Role role, int fanIn) {
  /** What a tensor is for. */
  enum Role {
    CONVOLUTION_WEIGHT,
    CONVOLUTION_BIAS,
    NORM_WEIGHT,
    NORM_BIAS,
    RUNNING_MEAN,
    RUNNING_VARIANCE,
    BATCHES_TRACKED
  }

  StateTensor {
    shape = List.copyOf(shape);
  }

  /** Whether training changes it by its gradient; otherwise it is a buffer. */
  boolean trainable() {
    return switch (role) {
      case CONVOLUTION_WEIGHT, CONVOLUTION_BIAS, NORM_WEIGHT, NORM_BIAS -> true;
      case RUNNING_MEAN, RUNNING_VARIANCE, BATCHES_TRACKED -> false;
    };
  }

  DType dtype() {
    return role == Role.BATCHES_TRACKED ? DType.I64 : DType.F32;
  }
}
