package io.cityseg.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PythonJsonTest {
  /** What Python 3.11 prints; 2e-44 and 2.0E-3 are among those that Java 17 prints longer. */
  @Test
  void repr_whenDouble_isPythons() {
    assertThat(
            List.of(
                PythonJson.repr(0.1),
                PythonJson.repr(1),
                PythonJson.repr(0),
                PythonJson.repr(-0.0),
                PythonJson.repr(1 / 3.0),
                PythonJson.repr(2.0e-3),
                PythonJson.repr(0.0001),
                PythonJson.repr(0.00001),
                PythonJson.repr(1.5e-7),
                PythonJson.repr(2e-44),
                PythonJson.repr(1e15),
                PythonJson.repr(1e16),
                PythonJson.repr(-123456.75),
                PythonJson.repr(2.2250738585072014E-308),
                PythonJson.repr(Double.MIN_VALUE),
                PythonJson.repr(Double.MAX_VALUE),
                PythonJson.repr(9007199254740992.0),
                PythonJson.repr(Double.NaN)))
        .containsExactly(
            "0.1",
            "1.0",
            "0.0",
            "-0.0",
            "0.3333333333333333",
            "0.002",
            "0.0001",
            "1e-05",
            "1.5e-07",
            "2e-44",
            "1000000000000000.0",
            "1e+16",
            "-123456.75",
            "2.2250738585072014e-308",
            "5e-324",
            "1.7976931348623157e+308",
            "9007199254740992.0",
            "NaN");
  }

  /** What {@code json.dumps(value, sort_keys=True, indent=4)} of Python 3.11 prints. */
  @Test
  void of_whenNested_isPythons() {
    assertThat(
            PythonJson.of(
                Map.of(
                    "b", Arrays.asList(1L, null, List.of()),
                    "a\"\\\n\u00e9/", Map.of("x", 0.5),
                    "c", Map.of())))
        .isEqualTo(
            """
            {
                "a\\"\\\\\\n\\u00e9/": {
                    "x": 0.5
                },
                "b": [
                    1,
                    null,
                    []
                ],
                "c": {}
            }""");
  }
}
