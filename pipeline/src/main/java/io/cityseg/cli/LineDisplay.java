package io.cityseg.cli;

import io.cityseg.proto.Progress;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;

/** Progress as lines, at most one every five seconds for a node: readable in a log. */
final class LineDisplay extends RunDisplay {
  private static final long INTERVAL_NANOS = 5_000_000_000L;

  private final Map<String, Long> shownAt = new HashMap<>();
  private final Map<String, String> shown = new HashMap<>();

  LineDisplay(PrintWriter err) {
    super(err);
  }

  @Override
  void show(String node, Progress progress) {
    String text = text(progress);
    long now = System.nanoTime();
    Long before = shownAt.get(node);
    boolean due = before == null || now - before >= INTERVAL_NANOS;
    if (due && progress.getTotal() > 0 && !text.equals(shown.get(node))) {
      line(text);
      shownAt.put(node, now);
      shown.put(node, text);
    }
  }

  /** "shards: 3/8 pieces". */
  static String text(Progress progress) {
    return "%s: %d/%d %s%s"
        .formatted(
            PlainText.line(progress.getStage()),
            progress.getDone(),
            progress.getTotal(),
            PlainText.line(progress.getUnit()),
            progress.getMessage().isEmpty() ? "" : "  " + PlainText.line(progress.getMessage()));
  }

  @Override
  public void close() {
    // nothing is held
  }
}
