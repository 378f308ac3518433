package io.cityseg.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineChartTest {
  @Test
  void covering_whenAnyHighestValue_reachesItInAtMostFiveRoundSteps() {
    assertThat(labels(1.4624)).containsExactly("0.0", "0.5", "1.0", "1.5");
    assertThat(labels(64.45)).containsExactly("0", "20", "40", "60", "80");
    assertThat(labels(100)).containsExactly("0", "20", "40", "60", "80", "100");
    assertThat(labels(0.03)).containsExactly("0.00", "0.01", "0.02", "0.03");
    assertThat(labels(99.9e-5)).hasSize(6);
  }

  @Test
  void covering_whenThereIsNothingToCover_isTheUnitAxis() {
    assertThat(labels(0)).containsExactly("0", "1");
    assertThat(labels(Double.NaN)).containsExactly("0", "1");
  }

  @Test
  void constructor_whenACurveIsShorterThanTheEpochs_refuses() {
    assertThatThrownBy(
            () ->
                new LineChart(
                    "loss",
                    "nats",
                    List.of(1, 2),
                    List.of(new LineChart.Curve("train", "first", List.of(1.0)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Invalid chart 'loss'");
  }

  @Test
  void svg_whenAValueIsNotFinite_breaksTheLineThere() {
    LineChart chart =
        new LineChart(
            "loss",
            "nats",
            List.of(1, 2, 3),
            List.of(new LineChart.Curve("train", "first", List.of(1.0, Double.NaN, 0.5))));
    StringBuilder svg = new StringBuilder();

    chart.svg().write(svg);

    assertThat(svg.toString()).doesNotContain("NaN").contains("epoch 1: 1.000", "epoch 3: 0.500");
    assertThat(svg.toString().split("<polyline", -1)).hasSize(3);
  }

  private static List<String> labels(double highest) {
    LineChart.Scale scale = LineChart.Scale.covering(highest);
    return Arrays.stream(scale.ticks()).mapToObj(scale::label).toList();
  }
}
