package io.cityseg.labels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PolygonFillTest {
  @Test
  void fill_whenPolygonsCostTooMuch_givesUp() {
    int[] zigzag = new int[2000];
    for (int i = 0; i < zigzag.length; i += 4) {
      zigzag[i] = i % 7;
      zigzag[i + 3] = 99;
    }
    var fill = new PolygonFill(Canvas.of(new byte[800]), 100, 8, 10_000);
    assertThatThrownBy(() -> fill.fill(zigzag, 0, zigzag.length, 1))
        .isInstanceOf(LabelException.class)
        .hasMessageContaining("its polygons need more than 10000 steps to draw");
  }

  /** A canvas is drawn on many times: nothing of one polygon may stay behind for the next. */
  @Test
  void fill_whenCanvasIsUsedAgain_drawsAsOnAFreshOne() throws LabelException {
    Random random = new Random(3);
    byte[] shared = new byte[40 * 50];
    var fill = new PolygonFill(Canvas.of(shared), 40, 50);
    for (int n = 1; n <= 60; n++) {
      int[] points = random.ints(2L * (2 + random.nextInt(700)), -20, 70).toArray();
      byte[] expected = shared.clone();
      new PolygonFill(Canvas.of(expected), 40, 50).fill(points, 0, points.length, n);
      fill.fill(points, 0, points.length, n);
      assertThat(shared).as("polygon %d", n).isEqualTo(expected);
    }
  }

  /** Coordinates at the limit: differences still fit into an int. */
  @Test
  void fill_whenVerticesAreFarOutside_fillsWhatIsInside() throws LabelException {
    byte[] canvas = new byte[12];
    int far = PolygonsReader.MAX_COORDINATE;
    int[] points = {-far, -far, far, -far, far, far, -far, far};
    new PolygonFill(Canvas.of(canvas), 3, 4).fill(points, 0, points.length, 7);
    assertThat(canvas).containsOnly(7);
  }
}
