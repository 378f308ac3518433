package io.cityseg.export;

import io.cityseg.graph.Planner;
import io.cityseg.proto.Gauge;
import io.cityseg.proto.Progress;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.run.RunListener;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what a run shows into an event file while it runs: what training measures, at its steps
 * ({@code step/loss} and so on), and at the end all that {@link MetricsExport} has, into a second
 * one. Passes everything on to another listener. For one thread.
 *
 * <p>A disk that is full must not stop a run: the first failure is told, and nothing more written.
 */
public final class LiveEvents implements RunListener, Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(LiveEvents.class);

  private final RunListener next;
  private final EventFile events;
  private final Path folder;
  private final Map<String, Long> written = new LinkedHashMap<>();
  private boolean failed;

  private LiveEvents(RunListener next, EventFile events, Path folder) {
    this.next = next;
    this.events = events;
    this.folder = folder;
  }

  /**
   * Begins a file in a folder of the run's own.
   *
   * @param folder of all runs
   * @throws IOException when it cannot be written
   */
  public static LiveEvents create(Path folder, String runId, RunListener next) throws IOException {
    long now = System.currentTimeMillis();
    Path ofRun = Files.createDirectories(folder.resolve(runId));
    EventFile events = EventFile.create(ofRun.resolve(EventFile.nameOfSteps(now)), now);
    return new LiveEvents(next, events, ofRun);
  }

  @Override
  public void notice(String message) {
    next.notice(message);
  }

  @Override
  public void planned(List<Planner.Line> plan) {
    next.planned(plan);
  }

  @Override
  public void ended(StageOutcome outcome) {
    next.ended(outcome);
  }

  @Override
  public void progressed(List<Progress> progress) {
    for (Progress node : progress) {
      Long before = written.get(node.getStage());
      if (node.getGaugesCount() > 0 && (before == null || node.getDone() > before)) {
        written.put(node.getStage(), node.getDone());
        Map<String, Double> values = new LinkedHashMap<>();
        for (Gauge gauge : node.getGaugesList()) {
          values.put("step/" + gauge.getName(), gauge.getValue());
        }
        attempt(() -> events.add(System.currentTimeMillis(), node.getDone(), values));
      }
    }
    next.progressed(progress);
  }

  /**
   * Writes the epochs and the evaluations of the run, which is over: into the file that {@code
   * export metrics} would write, so that an export to the same place shows nothing twice.
   */
  public void finish(RunRecord run, ArtifactStore store) throws StoreException {
    MetricsExport export = MetricsExport.of(run, store);
    if (!export.isEmpty()) {
      attempt(() -> export.write(MetricsFormat.TENSORBOARD, folder));
    }
  }

  @Override
  public void close() {
    attempt(events::close);
  }

  private interface Writing {
    void run() throws IOException;
  }

  private void attempt(Writing writing) {
    if (failed) {
      return;
    }
    try {
      writing.run();
    } catch (IOException e) {
      failed = true;
      LOG.debug("An event file cannot be written", e);
      next.notice(
          "The event file cannot be written any more (%s); `cityseg export metrics` makes it anew when the run is over"
              .formatted(e.getMessage()));
    }
  }
}
