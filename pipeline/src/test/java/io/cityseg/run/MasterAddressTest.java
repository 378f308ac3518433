package io.cityseg.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MasterAddressTest {
  @Test
  void parse_whenHostAndPort_hasBoth() {
    assertThat(MasterAddress.parse("flink-rest.ns:8081"))
        .isEqualTo(new MasterAddress("flink-rest.ns", 8081))
        .hasToString("flink-rest.ns:8081");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "flink",
        "flink:",
        ":8081",
        "http://flink:8081",
        "flink:0",
        "flink:65536",
        "[local]"
      })
  void parse_whenSomethingElse_isRefused(String text) {
    assertThatThrownBy(() -> MasterAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid ");
  }
}
