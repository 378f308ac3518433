package io.cityseg.export;

import io.cityseg.proto.Event;
import io.cityseg.proto.Summary;
import io.cityseg.proto.SummaryValue;
import io.cityseg.shards.TFRecordWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A TensorBoard event file: a TFRecord file of {@link Event}s, the first of which names the format.
 * Every event is on its way to the disk when it has been added, so TensorBoard shows it while the
 * file grows. Not thread-safe.
 */
public final class EventFile implements Closeable {
  private static final String VERSION = "brain.Event:2";
  private static final double MILLIS_PER_SECOND = 1000;

  private final TFRecordWriter records;

  private EventFile(TFRecordWriter records) {
    this.records = records;
  }

  /** The name that TensorBoard looks for: it must contain "tfevents". */
  static String name(long startedAtMillis) {
    return "events.out.tfevents.%010d.cityseg".formatted(startedAtMillis / 1000);
  }

  /**
   * The same for a run's steps. TensorBoard reads a folder's files by name and does not go back to
   * an earlier one, so this comes before the name above, which is written later.
   */
  static String nameOfSteps(long startedAtMillis) {
    return "events.out.tfevents.%010d.at-steps.cityseg".formatted(startedAtMillis / 1000);
  }

  /**
   * Begins a file, in place of one of that name.
   *
   * @param startedAtMillis since 1970-01-01T00:00:00Z
   */
  public static EventFile create(Path file, long startedAtMillis) throws IOException {
    EventFile events = new EventFile(new TFRecordWriter(Files.newOutputStream(file)));
    events.add(
        Event.newBuilder()
            .setWallTime(startedAtMillis / MILLIS_PER_SECOND)
            .setFileVersion(VERSION)
            .build());
    return events;
  }

  /**
   * Adds numbers.
   *
   * @param atMillis since 1970-01-01T00:00:00Z
   * @param step the place on TensorBoard's axis
   * @param values by tag, in single precision on TensorBoard's side
   */
  public void add(long atMillis, long step, Map<String, Double> values) throws IOException {
    Summary.Builder summary = Summary.newBuilder();
    values.forEach(
        (tag, value) ->
            summary.addValue(
                SummaryValue.newBuilder().setTag(tag).setSimpleValue(value.floatValue())));
    add(
        Event.newBuilder()
            .setWallTime(atMillis / MILLIS_PER_SECOND)
            .setStep(step)
            .setSummary(summary)
            .build());
  }

  private void add(Event event) throws IOException {
    records.write(event.toByteArray());
  }

  @Override
  public void close() throws IOException {
    records.close();
  }
}
