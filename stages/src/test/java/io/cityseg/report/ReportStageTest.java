package io.cityseg.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.ReportManifest;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportStageTest {
  @TempDir Path folder;

  @Test
  void run_whenInputsAreTheSame_makesTheSameBytesForEveryRunAndStore() throws Exception {
    ReportManifest first = complete(folder.resolve("a")).report();
    ReportManifest second = complete(folder.resolve("somewhere/else")).report();

    assertThat(second).as("the report's digests").isEqualTo(first);
  }

  @Test
  void run_whenDone_namesTheKindsOfItsFiles() throws Exception {
    ReportManifest report = complete(folder).report();

    assertThat(report.getHtml().getKind()).isEqualTo("html");
    assertThat(report.getMetricsJson().getKind()).isEqualTo("json");
    assertThat(report.getClassesCsv().getKind()).isEqualTo("csv");
  }

  @Test
  void split_always_isOnePieceUnderTheCallsOwnKey() throws Exception {
    MadeUpRun run = complete(folder);
    ReportStage stage = new ReportStage();

    assertThat(stage.split(run.call(), run.context("run-1")))
        .singleElement()
        .satisfies(piece -> assertThat(piece.getKey()).isEqualTo(StageKeys.of(stage, run.call())));
  }

  @Test
  void run_whenMeasuresAreMixed_refuses() throws Exception {
    MadeUpRun run = new MadeUpRun(folder).withSplits().withBaseline(0.1);
    EvaluationManifest.Builder other = run.evaluation("epoch 1", 0.5).setMeasure("cityscapes");
    run.withCheckpoint("epoch 1", other);

    assertThatThrownBy(run::report)
        .isInstanceOf(StageException.class)
        .hasMessageContaining("evaluation of 'epoch 1' has the measure 'cityscapes'")
        .hasMessageContaining("measures are never mixed");
  }

  @Test
  void run_whenAnEvaluationIsOfAnotherSplit_refuses() throws Exception {
    MadeUpRun run = new MadeUpRun(folder).withSplits().withBaseline(0.1);
    EvaluationManifest.Builder other =
        run.evaluation("epoch 1", 0.5).setSplit(run.checkpoint("not the split"));
    run.withCheckpoint("epoch 1", other);

    assertThatThrownBy(run::report)
        .isInstanceOf(StageException.class)
        .hasMessageContaining("evaluation of 'epoch 1' was made on split");
  }

  @Test
  void run_whenClassesAreNotInOrder_namesThePlace() throws Exception {
    MadeUpRun run = new MadeUpRun(folder).withSplits().withBaseline(0.1);
    EvaluationManifest.Builder other = run.evaluation("epoch 1", 0.5);
    other.getClassesBuilder(3).setClassIndex(25);
    run.withCheckpoint("epoch 1", other);

    assertThatThrownBy(run::report)
        .isInstanceOf(StageException.class)
        .hasMessageContaining("evaluation of 'epoch 1' has class 25 at place 3");
  }

  @Test
  void run_whenRolesAreWrong_namesAllProblems() throws Exception {
    MadeUpRun run = new MadeUpRun(folder).withSplits();
    run.with("checkpoint:", run.checkpoint("x")).with("train", run.checkpoint("x"));

    assertThatThrownBy(run::report)
        .isInstanceOf(StageException.class)
        .hasMessageContaining("unknown role 'checkpoint:'")
        .hasMessageContaining("role 'train' is given twice")
        .hasMessageContaining("role 'train' is out of order")
        .hasMessageContaining("no input of role 'baseline'");
  }

  private static MadeUpRun complete(Path folder) throws Exception {
    return new MadeUpRun(folder)
        .withSplits()
        .withHistory(6)
        .withBaseline(0.08)
        .withCheckpoint("epoch 3", 0.7)
        .withCheckpoint("epoch 6", 0.95);
  }
}
