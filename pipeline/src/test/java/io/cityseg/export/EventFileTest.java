package io.cityseg.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.graph.Planner;
import io.cityseg.proto.Event;
import io.cityseg.proto.Gauge;
import io.cityseg.proto.HeadlineMetric;
import io.cityseg.proto.Progress;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.SummaryValue;
import io.cityseg.run.RunListener;
import io.cityseg.shards.TFRecordReader;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.LocalObjects;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
  @TempDir Path folder;

  @Test
  void add_afterTheVersion_writesARecordWithItsTimeAndStep() throws Exception {
    Path file = folder.resolve(EventFile.name(1_700_000_000_500L));
    assertThat(file.getFileName().toString()).isEqualTo("events.out.tfevents.1700000000.cityseg");
    try (EventFile events = EventFile.create(file, 1_700_000_000_500L)) {
      events.add(1_700_000_001_250L, 7, Map.of("train/loss", 0.5));
      assertThat(read(file)).as("on the disk before it is closed").hasSize(2);
    }
    List<Event> events = read(file);
    assertThat(events.get(0).getFileVersion()).isEqualTo("brain.Event:2");
    assertThat(events.get(0).getWallTime()).isEqualTo(1_700_000_000.5);
    assertThat(events.get(1).getWallTime()).isEqualTo(1_700_000_001.25);
    assertThat(events.get(1).getStep()).isEqualTo(7);
    assertThat(events.get(1).getSummary().getValueList())
        .containsExactly(
            SummaryValue.newBuilder().setTag("train/loss").setSimpleValue(0.5f).build());
  }

  @Test
  void progressed_whenTheSameStepIsShownTwice_writesItOnceAndPassesBothOn() throws Exception {
    var heard = new Heard();
    Progress step =
        Progress.newBuilder()
            .setStage("train")
            .setDone(3)
            .addGauges(Gauge.newBuilder().setName("loss").setValue(2))
            .build();
    try (LiveEvents live = LiveEvents.create(folder, "20231114-221320-0000", heard)) {
      live.progressed(List.of(step));
      live.progressed(List.of(step, Progress.newBuilder().setStage("evaluate").build()));
      live.progressed(List.of(step.toBuilder().setDone(4).build()));
    }
    assertThat(heard.progress).hasSize(4);
    Path file;
    try (Stream<Path> files = Files.list(folder.resolve("20231114-221320-0000"))) {
      file = files.findFirst().orElseThrow();
    }
    assertThat(read(file).stream().skip(1).map(Event::getStep)).containsExactly(3L, 4L);
    assertThat(read(file).get(1).getSummary().getValue(0).getTag()).isEqualTo("step/loss");
  }

  /** What a run writes while it is under way, and an export of the same run to the same place. */
  @Test
  void finish_whenTheRunIsExportedToTheSameFolder_showsNoPointTwice() throws Exception {
    ArtifactStore store = new ArtifactStore(LocalObjects.open(folder.resolve("store")));
    RunRecord run =
        RunRecord.newBuilder()
            .setId("20231114-221320-0000")
            .setStartedAtMillis(1_700_000_000_500L)
            .addMetrics(
                HeadlineMetric.newBuilder()
                    .setSubject("epoch 2")
                    .setMeasure("paper")
                    .setMeanIou(0.5)
                    .setPixelAccuracy(0.75))
            .build();
    Progress step =
        Progress.newBuilder()
            .setStage("train")
            .setDone(3)
            .addGauges(Gauge.newBuilder().setName("loss").setValue(2))
            .build();
    Path events = folder.resolve("events");
    try (LiveEvents live = LiveEvents.create(events, run.getId(), new Heard())) {
      live.progressed(List.of(step));
      live.finish(run, store);
    }
    MetricsExport.of(run, store).write(MetricsFormat.TENSORBOARD, events.resolve(run.getId()));

    List<String> points = new ArrayList<>();
    try (Stream<Path> files = Files.list(events.resolve(run.getId()))) {
      for (Path file : files.sorted().toList()) {
        for (Event event : read(file)) {
          event
              .getSummary()
              .getValueList()
              .forEach(value -> points.add(value.getTag() + " " + event.getStep()));
        }
      }
    }
    assertThat(points)
        .containsExactlyInAnyOrder(
            "step/loss 3", "evaluate/paper/mean_iou 2", "evaluate/paper/pixel_accuracy 2");
    assertThat(EventFile.nameOfSteps(run.getStartedAtMillis()))
        .as("TensorBoard reads by name")
        .isLessThan(EventFile.name(run.getStartedAtMillis()));
  }

  private static List<Event> read(Path file) throws Exception {
    List<Event> events = new ArrayList<>();
    try (TFRecordReader records = TFRecordReader.open(file)) {
      for (Optional<byte[]> r = records.next(); r.isPresent(); r = records.next()) {
        events.add(Event.parseFrom(r.get()));
      }
    }
    return events;
  }

  private static final class Heard implements RunListener {
    private final List<Progress> progress = new ArrayList<>();

    @Override
    public void notice(String message) {
      throw new AssertionError(message);
    }

    @Override
    public void planned(List<Planner.Line> plan) {
      throw new AssertionError("nothing is planned");
    }

    @Override
    public void progressed(List<Progress> shown) {
      progress.addAll(shown);
    }

    @Override
    public void ended(StageOutcome outcome) {
      throw new AssertionError(outcome);
    }
  }
}
