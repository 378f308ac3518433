package io.cityseg.labels;

import java.util.Arrays;

/**
 * {@code ImageDraw.polygon(points, fill=v)} of Pillow 11.2.1 to 13.0.0, pixel for pixel; the rule
 * is the same for its 8-bit and its 32-bit canvas.
 *
 * <p>A vertex lies in the middle of a pixel. Every x that is not an integer is an IEEE single, each
 * operation rounded and none fused. An edge keeps its direction and its place in the order of the
 * polygon: both decide bits. Fills by rows: every row knows its edges in the polygon's order, makes
 * one or two crossings of each, and fills between pairs of crossings. One instance draws any number
 * of polygons on one canvas; not thread-safe.
 */
final class PolygonFill {
  /**
   * Crossings and comparisons that one canvas may cost (a street scene costs about 10^5): a hostile
   * file is refused within seconds.
   */
  private static final long MAX_STEPS = 100_000_000;

  /** A span of this many pixels takes about as long as a crossing. */
  private static final int PIXELS_OF_A_STEP = 32;

  private static final int NONE = -1;

  private final Canvas canvas;
  private final int height;
  private final int width;
  private final int[] firstOfRow;
  private final long maxSteps;
  private long steps;

  private int edges;
  private int[] x0 = new int[256];
  private int[] y0 = new int[256];
  private int[] top = new int[256];
  private int[] bottom = new int[256];
  private int[] nextOfRow = new int[256];
  private float[] slope = new float[256];
  private int[] active = new int[256];
  private int[] merged = new int[256];
  private float[] crossings = new float[512];
  private float[] plain = new float[256];

  /**
   * A canvas to draw on.
   *
   * @param canvas [height, width], row-major
   */
  PolygonFill(Canvas canvas, int height, int width) {
    this(canvas, height, width, MAX_STEPS);
  }

  /** As above, for who wants to give up earlier. */
  PolygonFill(Canvas canvas, int height, int width, long maxSteps) {
    this.canvas = canvas;
    this.height = height;
    this.width = width;
    this.maxSteps = maxSteps;
    this.firstOfRow = new int[height];
    Arrays.fill(firstOfRow, NONE);
  }

  /**
   * Fills a polygon.
   *
   * @param points x, y, x, y, ...; the polygon's lie from {@code start} to before {@code end}
   * @throws LabelException when the canvas has cost too much; the message does not name the file
   */
  void fill(int[] points, int start, int end, int value) throws LabelException {
    int first = Integer.MAX_VALUE;
    int last = Integer.MIN_VALUE;
    edges = 0;
    for (int i = start; i < end; i += 2) {
      first = Math.min(first, points[i + 1]);
      last = Math.max(last, points[i + 1]);
      if (i + 2 < end) {
        addEdge(points[i], points[i + 1], points[i + 2], points[i + 3], value);
      }
    }
    int beginX = points[start];
    int beginY = points[start + 1];
    if (points[end - 2] != beginX || points[end - 1] != beginY) {
      addEdge(points[end - 2], points[end - 1], beginX, beginY, value);
    }
    sortIntoRows();
    int count = 0;
    for (int y = Math.max(first, 0); y <= Math.min(last, height - 1); y++) {
      count = activate(y, count);
      int found = cross(y, count, y == last);
      sort(found);
      for (int i = 0; i + 1 < found; i += 2) {
        span(y, spanStart(crossings[i]), spanEnd(crossings[i + 1]), value);
      }
    }
  }

  /** Horizontal edges set their pixels at once; those that no row of the canvas meets are left. */
  private void addEdge(int ax, int ay, int bx, int by, int value) throws LabelException {
    if (ay == by) {
      span(ay, Math.min(ax, bx), Math.max(ax, bx), value);
      return;
    }
    if (Math.max(ay, by) < 0 || Math.min(ay, by) >= height) {
      return;
    }
    if (edges == x0.length) {
      growEdges(2 * edges);
    }
    x0[edges] = ax;
    y0[edges] = ay;
    top[edges] = Math.min(ay, by);
    bottom[edges] = Math.max(ay, by);
    slope[edges] = (float) (bx - ax) / (float) (by - ay);
    edges++;
  }

  /** Chains edges under the row of the canvas where they begin, in their order. */
  private void sortIntoRows() {
    for (int e = edges - 1; e >= 0; e--) {
      int row = Math.max(top[e], 0);
      nextOfRow[e] = firstOfRow[row];
      firstOfRow[row] = e;
    }
  }

  /** Drops the edges that ended above row y and merges those that begin in it. */
  private int activate(int y, int count) {
    int added = firstOfRow[y];
    firstOfRow[y] = NONE;
    int kept = 0;
    for (int i = 0; i < count; i++) {
      int e = active[i];
      for (; added != NONE && added < e; added = nextOfRow[added]) {
        merged[kept++] = added;
      }
      if (bottom[e] >= y) {
        merged[kept++] = e;
      }
    }
    for (; added != NONE; added = nextOfRow[added]) {
      merged[kept++] = added;
    }
    int[] swap = active;
    active = merged;
    merged = swap;
    return kept;
  }

  /**
   * The crossings of row y. Where an edge ends it counts twice, but not in the polygon's last row.
   */
  private int cross(int y, int count, boolean isLast) throws LabelException {
    charge(count);
    int found = 0;
    for (int i = 0; i < count; i++) {
      int e = active[i];
      float x = xAt(e, y);
      plain[i] = x;
      boolean ends = bottom[e] == y;
      if (ends && !isLast) {
        crossings[found++] = x;
      } else if ((ends || top[e] == y) && slope[e] != 0) {
        x = shortenTip(i, x, y, ends);
      }
      crossings[found++] = x;
    }
    return found;
  }

  /**
   * Flat tips would stick out. The crossing of an edge that begins or ends in this row is pulled
   * back when an earlier edge has the same kind of end at the same pixel, and both lie on one side
   * in the row next to it; the first such edge decides.
   */
  private float shortenTip(int place, float x, int y, boolean ends) throws LabelException {
    int e = active[place];
    int[] side = ends ? bottom : top;
    double rounded = roundHalfAway(x);
    for (int i = 0; i < place; i++) {
      int f = active[i];
      if (side[f] != y || slope[f] == 0 || roundHalfAway(plain[i]) != rounded) {
        continue;
      }
      charge(i);
      int neighbour = ends ? y - 1 : y + 1;
      float a = xAt(e, neighbour);
      float b = xAt(f, neighbour);
      if (x > a + 1f && x > b + 1f) {
        return (float) roundHalfAway(Math.max(a, b)) + 1f;
      }
      if (x < a - 1f && x < b - 1f) {
        return (float) roundHalfAway(Math.min(a, b)) - 1f;
      }
      return x;
    }
    charge(place);
    return x;
  }

  private float xAt(int e, int y) {
    return (float) (y - y0[e]) * slope[e] + (float) x0[e];
  }

  private void charge(int cost) throws LabelException {
    steps += cost;
    if (steps > maxSteps) {
      throw new LabelException(
          "its polygons need more than %d steps to draw; it is damaged, or no annotation file"
              .formatted(maxSteps));
    }
  }

  /** Few crossings are the rule, and nearly in order. */
  private void sort(int found) {
    if (found > 48) {
      Arrays.sort(crossings, 0, found);
      return;
    }
    for (int i = 1; i < found; i++) {
      float x = crossings[i];
      int j = i;
      for (; j > 0 && crossings[j - 1] > x; j--) {
        crossings[j] = crossings[j - 1];
      }
      crossings[j] = x;
    }
  }

  private void span(int y, int left, int right, int value) throws LabelException {
    if (y < 0 || y >= height || right < 0 || left >= width || left > right) {
      return;
    }
    int from = y * width + Math.max(left, 0);
    int to = y * width + Math.min(right, width - 1) + 1;
    charge(1 + (to - from) / PIXELS_OF_A_STEP);
    canvas.paint(from, to, value);
  }

  /** The nearest pixel, a half away from zero; the sum is a single. */
  private static int spanStart(float x) {
    return x >= 0 ? (int) Math.floor(x + 0.5f) : (int) -Math.floor(-(double) x + 0.5);
  }

  /** The nearest pixel, a half towards zero; the difference is a single. */
  private static int spanEnd(float x) {
    return x >= 0 ? (int) Math.ceil(x - 0.5f) : (int) -Math.ceil(-(double) x - 0.5);
  }

  private static double roundHalfAway(double x) {
    return x >= 0 ? Math.floor(x + 0.5) : Math.ceil(x - 0.5);
  }

  private void growEdges(int size) {
    x0 = Arrays.copyOf(x0, size);
    y0 = Arrays.copyOf(y0, size);
    top = Arrays.copyOf(top, size);
    bottom = Arrays.copyOf(bottom, size);
    nextOfRow = Arrays.copyOf(nextOfRow, size);
    slope = Arrays.copyOf(slope, size);
    active = Arrays.copyOf(active, size);
    merged = Arrays.copyOf(merged, size);
    plain = Arrays.copyOf(plain, size);
    crossings = Arrays.copyOf(crossings, 2 * size);
  }
}
