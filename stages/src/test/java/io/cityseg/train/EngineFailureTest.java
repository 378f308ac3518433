package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineFailureTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "CUDA out of memory. Tried to allocate 2.25 GiB. GPU 0 has a total capacity of 7.8 GiB",
        "[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 4294967296 bytes"
      })
  void of_wantOfMemory_namesTheSettings(String message) {
    assertThat(EngineFailure.of(new EngineException(message), TrainConfigs.defaults().build()))
        .hasMessageContaining("ran out of memory on the cpu")
        .hasMessageContaining("raise train.accumulate (now 1")
        .hasMessageContaining("lower train.batch_size (now 24), shards.height or shards.width");
    assertThat(EngineFailure.of(new OutOfMemoryError(message), TrainConfigs.defaults().build()))
        .hasMessageContaining("ran out of memory");
  }

  @Test
  void of_anOperationThatIsNotDeterministic_namesItAndTheSetting() {
    assertThat(
            EngineFailure.of(
                new EngineException(
                    "upsample_bilinear2d_backward_out_cuda does not have a deterministic implementation, but you set 'torch.use_deterministic_algorithms(True)'."),
                TrainConfigs.defaults().setDevice("gpu").build()))
        .hasMessage(
            "Training cannot be deterministic on the gpu: the engine has no deterministic implementation of upsample_bilinear2d_backward_out_cuda; set train.deterministic to false");
  }

  @Test
  void of_anotherFailure_doesNotSpeakOfMemory() {
    assertThat(
            EngineFailure.of(
                new EngineException("shape mismatch"), TrainConfigs.defaults().build()))
        .hasMessage("Training failed in the engine: shape mismatch");
  }
}
