package io.cityseg.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.DatasetManifest;
import io.cityseg.proto.EvaluationManifest;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReferencesTest {
  /** A kind that is forgotten here would be a hit although what it refers to is gone. */
  @Test
  void isManifest_ofEveryManifestOfTheSchema_isTrue() {
    List<FileDescriptor> files =
        List.of(
            DatasetManifest.getDescriptor().getFile(),
            CheckpointManifest.getDescriptor().getFile(),
            EvaluationManifest.getDescriptor().getFile());

    assertThat(
            files.stream()
                .flatMap(file -> file.getMessageTypes().stream())
                .map(Descriptor::getName)
                .filter(name -> name.endsWith("Manifest")))
        .hasSizeGreaterThan(8)
        .allMatch(References::isManifest);
  }

  @Test
  void isManifest_ofFormats_isFalse() {
    assertThat(List.of("png", "tfrecord", "safetensors", "")).noneMatch(References::isManifest);
  }
}
