package io.cityseg.beam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.proto.StageOutcome;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import org.apache.beam.sdk.coders.CoderException;
import org.apache.beam.sdk.util.SerializableUtils;
import org.junit.jupiter.api.Test;

class MessageCoderTest {
  private static final MessageCoder<StageOutcome> CODER = MessageCoder.of(StageOutcome.class);
  private static final StageOutcome OUTCOME =
      StageOutcome.newBuilder().setStage("train").setDurationMillis(5).build();

  @Test
  void decode_whenSeveralAreEncoded_givesEachBack() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CODER.encode(OUTCOME, out);
    CODER.encode(StageOutcome.getDefaultInstance(), out);
    ByteArrayInputStream in = new ByteArrayInputStream(out.toByteArray());

    assertThat(CODER.decode(in)).isEqualTo(OUTCOME);
    assertThat(CODER.decode(in)).isEqualTo(StageOutcome.getDefaultInstance());
    assertThatThrownBy(() -> CODER.decode(in))
        .isInstanceOf(CoderException.class)
        .hasMessageContaining("StageOutcome");
  }

  @Test
  void coder_whenSentToAWorker_isTheSame() throws Exception {
    CODER.verifyDeterministic();
    assertThat(SerializableUtils.ensureSerializable(CODER)).isEqualTo(CODER);
  }
}
