package io.cityseg.cli;

import io.cityseg.proto.Progress;
import io.cityseg.proto.StageOutcome;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress as bars, one for each node that is under way. */
final class BarDisplay extends RunDisplay {
  private static final int REFRESH_MILLIS = 250;

  /** ANSI: to the line's beginning, and erase it. */
  private static final String ERASE_LINE = "\r\u001b[2K";

  private final Map<String, ProgressBar> bars = new LinkedHashMap<>();

  BarDisplay(PrintWriter err) {
    super(err);
  }

  @Override
  void show(String node, Progress progress) {
    if (progress.getTotal() == 0) {
      return;
    }
    ProgressBar bar = bars.computeIfAbsent(PlainText.line(node), BarDisplay::bar);
    bar.maxHint(progress.getTotal());
    bar.stepTo(progress.getDone());
    bar.setExtraMessage("  " + PlainText.line(progress.getMessage()));
  }

  @Override
  public void ended(StageOutcome outcome) {
    ProgressBar bar = bars.remove(PlainText.line(outcome.getNode()));
    if (bar != null) {
      bar.close();
    }
    super.ended(outcome);
  }

  /** Lines take the place of the bar that stands where they begin; it draws itself anew below. */
  @Override
  void line(String text) {
    if (!bars.isEmpty()) {
      // past the writer of plain text, which would show it
      System.err.print(ERASE_LINE);
      System.err.flush();
    }
    super.line(text);
  }

  private static ProgressBar bar(String node) {
    return new ProgressBarBuilder()
        .setTaskName(node)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(REFRESH_MILLIS)
        .setConsumer(
            new ConsoleProgressBarConsumer(System.err) {
              @Override
              public void close() {
                // the bar is erased; the library would leave an empty line in its place
                System.err.flush();
              }
            })
        .clearDisplayOnFinish()
        .build();
  }

  @Override
  public void close() {
    bars.values().forEach(ProgressBar::close);
    bars.clear();
  }
}
