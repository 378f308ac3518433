package io.cityseg.beam;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.stage.StageException;
import io.cityseg.store.StoreException;
import io.cityseg.store.UnreadableBlobException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.apache.flink.runtime.throwable.ThrowableClassifier;
import org.apache.flink.runtime.throwable.ThrowableType;
import org.junit.jupiter.api.Test;

/** Which failures a cluster tries again. */
class NodeFnTest {
  @Test
  void anotherAttemptMayHelp_whenMachineOrStoreFailed_isTrue() {
    assertThat(NodeFn.anotherAttemptMayHelp(new StoreException("no answer"))).isTrue();
    assertThat(
            NodeFn.anotherAttemptMayHelp(
                new StageException("Cannot write", new IOException("No space left on device"))))
        .isTrue();
    assertThat(
            NodeFn.anotherAttemptMayHelp(
                new StageException("Cannot read", new NoSuchFileException("/data"))))
        .isTrue();
    assertThat(NodeFn.anotherAttemptMayHelp(new OutOfMemoryError("Java heap space"))).isTrue();
  }

  @Test
  void anotherAttemptMayHelp_whenStageRefusedOrBlobIsDamaged_isFalse() {
    assertThat(NodeFn.anotherAttemptMayHelp(new StageException("no GPU"))).isFalse();
    assertThat(
            NodeFn.anotherAttemptMayHelp(
                new StageException("damaged", new InvalidProtocolBufferException("truncated"))))
        .isFalse();
    assertThat(
            NodeFn.anotherAttemptMayHelp(
                new UnreadableBlobException(ArtifactRef.getDefaultInstance(), "corrupt")))
        .isFalse();
    assertThat(NodeFn.anotherAttemptMayHelp(new IllegalStateException("a bug"))).isFalse();
  }

  @Test
  void finalNodeFailure_whenWrapped_isKnownToFlinkAsFinal() {
    assertThat(
            ThrowableClassifier.findThrowableOfThrowableType(
                new RuntimeException(new NodeFn.FinalNodeFailure("train: no GPU", null)),
                ThrowableType.NonRecoverableError))
        .isPresent();
    assertThat(
            ThrowableClassifier.findThrowableOfThrowableType(
                new NodeFn.NodeFailure("ingest: no answer", null),
                ThrowableType.NonRecoverableError))
        .isEmpty();
  }
}
