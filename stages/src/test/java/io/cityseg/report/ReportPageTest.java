package io.cityseg.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.proto.EvaluationManifest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

class ReportPageTest {
  private static final String HOSTILE = "</title><script>alert('x')</script>\"&\u0000<img src=//x>";

  @TempDir Path folder;

  @Test
  void html_whenComplete_isWellFormedWithOneHeadingOfTheFirstOrderAndNoneSkipped()
      throws Exception {
    ParsedPage page = page(complete());

    assertThat(page.all("h1"))
        .singleElement()
        .returns("DeepLabV3 on Cityscapes", Element::getTextContent);
    assertThat(page.texts("h2"))
        .containsExactly(
            "Baseline and checkpoints",
            "IoU by class",
            "Training curves",
            "Worst and best images",
            "What is taken for what",
            "What it was made from");
    assertThat(page.ids()).as("ids").doesNotHaveDuplicates();
    assertThat(page.attributes("a", "href"))
        .as("links, all within the page")
        .allSatisfy(href -> assertThat(page.ids()).contains(href.substring(1)));
  }

  @Test
  void html_whenComplete_loadsNothingFromElsewhere() throws Exception {
    ParsedPage page = page(complete());

    assertThat(page.all("script")).isEmpty();
    assertThat(page.all("link")).isEmpty();
    assertThat(page.attributes("img", "src")).allMatch(src -> src.startsWith("data:image/png;"));
    assertThat(page.texts("style").toString()).doesNotContain("url(", "@import");
    assertThat(page.source().replace("http://www.w3.org/1999/xhtml", ""))
        .doesNotContain("http:", "https:");
  }

  @Test
  void html_whenComplete_givesEveryTableACaptionAndEveryHeadingAScope() throws Exception {
    ParsedPage page = page(complete());

    assertThat(page.all("table"))
        .allSatisfy(
            table -> assertThat(table.getElementsByTagName("caption").getLength()).isEqualTo(1));
    assertThat(page.attributes("th", "scope")).allMatch(List.of("row", "col")::contains);
    assertThat(page.all("svg"))
        .hasSize(2)
        .allSatisfy(
            svg -> {
              assertThat(svg.getAttribute("role")).isEqualTo("img");
              assertThat(svg.getElementsByTagName("title").item(0).getTextContent()).isNotBlank();
            });
  }

  @Test
  void html_whenTextIsHostile_keepsItText() throws Exception {
    MadeUpRun run =
        new MadeUpRun(folder).titled(HOSTILE).withSplits().withHistory(2).withBaseline(0.05);
    EvaluationManifest.Builder evaluation = run.evaluation("x", 0.9);
    evaluation.getImagesBuilder(0).setId(HOSTILE);
    evaluation.getClassesBuilder(1).setName(HOSTILE);
    run.withCheckpoint(HOSTILE, evaluation);

    ParsedPage page = page(run);

    String shown = HOSTILE.replace('\u0000', '\uFFFD');
    assertThat(page.texts("h1")).containsExactly(shown);
    assertThat(page.texts("title")).startsWith(shown);
    assertThat(page.verdict()).startsWith(shown + " reaches ");
    assertThat(page.all("script")).isEmpty();
    assertThat(page.all("img")).isEmpty();
  }

  @Test
  void html_whenAClassIsAbsent_saysAbsentAndNotZero() throws Exception {
    ParsedPage page = page(complete());

    assertThat(page.row("classes", "train")).contains("absent").doesNotContain("0.0");
    assertThat(page.row("classes", "road")).doesNotContain("absent");
  }

  @Test
  void html_whenThereIsNoHistory_hasNoTrainingCurves() throws Exception {
    ParsedPage page =
        page(new MadeUpRun(folder).withSplits().withBaseline(0.05).withCheckpoint("a", 0.9));

    assertThat(page.texts("h2")).doesNotContain("Training curves");
    assertThat(page.all("svg")).isEmpty();
  }

  @Test
  void html_whenThereIsOneEpoch_drawsItsPoints() throws Exception {
    ParsedPage page = page(new MadeUpRun(folder).withSplits().withHistory(1).withBaseline(0.05));

    assertThat(page.all("circle")).hasSizeGreaterThanOrEqualTo(2);
    assertThat(page.source()).doesNotContain("NaN", "Infinity");
  }

  @Test
  void html_whenOnlyTheBaselineIsThere_saysThatNothingWasCompared() throws Exception {
    ParsedPage page = page(new MadeUpRun(folder).withSplits().withBaseline(0.05));

    assertThat(page.verdict()).startsWith("Nothing was compared: only the baseline was evaluated");
    assertThat(page.texts("h2")).contains("Worst and best images", "What is taken for what");
  }

  @Test
  void html_whenNoPixelWasEvaluated_saysSoEverywhere() throws Exception {
    MadeUpRun run = new MadeUpRun(folder).withSplits();
    run.with(
        "baseline",
        run.store()
            .putManifest(
                MadeUpRun.measured(new long[20][20])
                    .setMeasure("paper")
                    .setSplit(run.call().getInputs(1).getArtifact())
                    .setCheckpoint(run.checkpoint("x"))
                    .build()));

    ParsedPage page = page(run);

    assertThat(page.verdict()).contains("it has no mIoU, because no class is present");
    assertThat(page.source()).doesNotContain("NaN", "Infinity");
  }

  @Test
  void html_whenComplete_namesEveryInputByItsWholeDigest() throws Exception {
    MadeUpRun run = complete();

    ParsedPage page = page(run);

    assertThat(run.call().getInputsList())
        .allSatisfy(
            input ->
                assertThat(page.row("provenance", input.getRole()))
                    .contains(input.getArtifact().getKind(), input.getArtifact().getSha256()));
  }

  @Test
  void html_whenComplete_listsTheLargestMistakesOfTheBestCheckpoint() throws Exception {
    ParsedPage page = page(complete());

    assertThat(page.texts("caption")).contains("The mistakes of epoch 6 that cost most pixels");
    assertThat(page.row("confusion", "road")).startsWith("roadsidewalk").contains(" %");
  }

  private MadeUpRun complete() throws Exception {
    return new MadeUpRun(folder)
        .withSplits()
        .withHistory(6)
        .withBaseline(0.05)
        .withCheckpoint("epoch 3", 0.7)
        .withCheckpoint("epoch 6", 0.95);
  }

  private static ParsedPage page(MadeUpRun run) throws Exception {
    return ParsedPage.parse(run.store().read(run.report().getHtml()));
  }
}
