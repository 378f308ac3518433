package io.cityseg.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.protobuf.ByteString;
import io.cityseg.model.EngineTurn;
import io.cityseg.proto.Example;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {
  @Test
  void of_whenAnExampleIsMirrored_turnsImageAndTargetsTogether() throws Exception {
    Example example = example(new byte[] {10, 20, 30, 40, 50, 60}, new byte[] {3, (byte) 255});
    Batch batch =
        Batch.of(
            List.of(new Batch.Member(example, false), new Batch.Member(example, true)),
            Batch.newBuffer(3, 1, 2));
    assertThat(batch.targets()).containsExactly(3, 19, 19, 3);
    assertThat(batch.targets(1)).containsExactly(19, 3);
    assertThat(batch.ids()).containsExactly("a_000000_000019", "a_000000_000019");
    try (EngineTurn turn = EngineTurn.take()) {
      turn.threads(1);
      try (NDManager manager = NDManager.newBaseManager("PyTorch");
          NDArray input = batch.input(manager);
          NDArray targets = batch.targets(manager)) {
        assertThat(input.getShape()).isEqualTo(new Shape(2, 3, 1, 2));
        float[] values = input.toFloatArray();
        // Red of the left pixel by ImageNet's mean and standard deviation.
        assertThat(values[0]).isEqualTo((10 - 0.485f * 255f) * (float) (1.0 / (0.229f * 255f)));
        for (int channel = 0; channel < 3; channel++) {
          assertThat(values[6 + 2 * channel]).isEqualTo(values[2 * channel + 1]);
          assertThat(values[6 + 2 * channel + 1]).isEqualTo(values[2 * channel]);
        }
        assertThat(targets.toLongArray()).containsExactly(3, 19, 19, 3);
      }
    }
  }

  @Test
  void of_whenALabelIsNoTrainId_namesExampleValueAndPlace() {
    Example example = example(new byte[6], new byte[] {0, 33});
    assertThatThrownBy(
            () -> Batch.of(List.of(new Batch.Member(example, false)), Batch.newBuffer(1, 1, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid label in example a_000000_000019: 33 at row 0, column 1 (must be 0..18 or"
                + " 255)");
  }

  @Test
  void of_whenAnImageIsTooShort_refuses() {
    Example example = example(new byte[5], new byte[2]);
    assertThatThrownBy(
            () -> Batch.of(List.of(new Batch.Member(example, false)), Batch.newBuffer(1, 1, 2)))
        .hasMessageContaining("5 image bytes");
  }

  @Test
  void putPadded_whenAnExampleIsSmaller_addsTheMeanColourAndVoidBelowAndAtTheRight()
      throws Exception {
    Example example = example(new byte[] {10, 20, 30, 40, 50, 60}, new byte[] {3, 4});
    var filling = new BatchFilling(2, 2, 3, Batch.newBuffer(2, 2, 3));
    filling.putPadded(1, new Batch.Member(example, false));
    filling.putPadded(0, new Batch.Member(example, true));
    Batch batch = filling.batch();
    assertThat(batch.targets()).containsExactly(4, 3, 19, 19, 19, 19, 3, 4, 19, 19, 19, 19);
    try (EngineTurn turn = EngineTurn.take()) {
      turn.threads(1);
      try (NDManager manager = NDManager.newBaseManager("PyTorch");
          NDArray input = batch.input(manager)) {
        float[] values = input.toFloatArray();
        float left = (10 - 0.485f * 255f) * (float) (1.0 / (0.229f * 255f));
        assertThat(values[1]).as("mirrored, at the left all the same").isEqualTo(left);
        assertThat(values[18]).isEqualTo(left);
        assertThat(Arrays.copyOfRange(values, 20, 24)).containsOnly(0f);
      }
    }
  }

  @Test
  void of_whenASecondExampleIsSmaller_refuses() {
    Example example = example(new byte[6], new byte[2]);
    Example smaller = example.toBuilder().setWidth(1).build();
    assertThatThrownBy(
            () ->
                Batch.of(
                    List.of(new Batch.Member(example, false), new Batch.Member(smaller, false)),
                    Batch.newBuffer(2, 1, 2)))
        .hasMessageContaining("1 x 1 with 6 image bytes and 2 label bytes (must be 1 x 2)");
  }

  private static Example example(byte[] image, byte[] label) {
    return Example.newBuilder()
        .setId("a_000000_000019")
        .setHeight(1)
        .setWidth(2)
        .setImage(ByteString.copyFrom(image))
        .setLabel(ByteString.copyFrom(label))
        .build();
  }
}
