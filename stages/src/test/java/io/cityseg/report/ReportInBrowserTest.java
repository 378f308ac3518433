package io.cityseg.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cityseg.proto.BoundaryPixels;
import io.cityseg.proto.CityscapesMetrics;
import io.cityseg.proto.EvaluationManifest;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in a real browser (Chromium or Chrome of this machine; skipped where there is none), as
 * wide as a telephone and as wide as a desk: a page of the test's own shows it in frames and
 * measures.
 */
class ReportInBrowserTest {
  private static final List<String> BROWSERS =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final long TIMEOUT_SECONDS = 60;
  private static final String PROBE =
      """
      <!DOCTYPE html>
      <pre id="out"></pre>
      <script>
        const found = [];
        const widths = [375, 768, 1280];
        for (const width of widths) {
          const frame = document.createElement("iframe");
          frame.style = `border:0;height:900px;width:${width}px`;
          frame.onload = () => {
            const page = frame.contentDocument;
            const view = frame.contentWindow;
            const all = [...page.querySelectorAll("body *")];
            const outside = all.filter(e => !e.closest(".frame, svg, details:not([open])")
                && e.getBoundingClientRect().right > view.innerWidth + 1);
            const tables = [...page.querySelectorAll("table")];
            found.push({
              width, inner: view.innerWidth, scroll: page.documentElement.scrollWidth,
              outside: outside.length,
              tables: tables.length,
              captions: tables.filter(t => t.caption && t.caption.textContent).length,
              frames: tables.filter(t => t.closest(".frame")).length,
              images: page.images.length,
              broken: [...page.images].filter(i => !i.complete || i.naturalWidth === 0).length,
              unstyled: view.getComputedStyle(page.querySelector("section")).borderTopStyle !== "solid",
            });
            if (found.length === widths.length) {
              document.getElementById("out").textContent = JSON.stringify(found);
            }
          };
          frame.src = "report.html";
          document.body.append(frame);
        }
      </script>
      """;

  @TempDir Path folder;
  private Path browser;

  @BeforeEach
  void find() {
    Optional<Path> found =
        BROWSERS.stream()
            .flatMap(
                name ->
                    Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .map(part -> Path.of(part, name)))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(found.isPresent(), "no browser on the PATH: none of " + BROWSERS);
    browser = found.get();
  }

  @Test
  void page_atAnyWidth_fitsAndHasItsTablesAndPictures() throws Exception {
    Files.write(folder.resolve("report.html"), report());

    JsonNode pages = measured();

    assertThat(pages).hasSize(3);
    for (JsonNode page : pages) {
      String width = page.get("width").asText();
      assertThat(page.get("inner").asInt())
          .as("width of the page")
          .isEqualTo(page.get("width").asInt());
      assertThat(page.get("scroll").asInt())
          .as("width of the content at " + width)
          .isLessThanOrEqualTo(page.get("width").asInt());
      assertThat(page.get("outside").asInt()).as("elements beyond the edge at " + width).isZero();
      assertThat(page.get("tables").asInt()).as("tables at " + width).isGreaterThanOrEqualTo(9);
      assertThat(page.get("captions").asInt()).isEqualTo(page.get("tables").asInt());
      assertThat(page.get("frames").asInt()).isEqualTo(page.get("tables").asInt());
      assertThat(page.get("images").asInt()).as("pictures at " + width).isGreaterThanOrEqualTo(4);
      assertThat(page.get("broken").asInt()).as("broken pictures at " + width).isZero();
      assertThat(page.get("unstyled").asBoolean()).as("style sheet is used").isFalse();
    }
  }

  @Test
  void console_ofThePage_isEmpty() throws Exception {
    Files.write(folder.resolve("report.html"), report());
    assertThat(console(folder.resolve("report.html"))).isEmpty();
  }

  /** Or an empty console would say nothing. */
  @Test
  void console_ofAPageThatLoadsWhatItMustNot_isNotEmpty() throws Exception {
    String page = new String(report(), UTF_8).replace("<main>", "<main><script>1</script>");
    Files.writeString(folder.resolve("damaged.html"), page);
    assertThat(console(folder.resolve("damaged.html")))
        .anyMatch(line -> line.contains("Content Security Policy"));
  }

  private JsonNode measured() throws Exception {
    Path probe = Files.writeString(folder.resolve("probe.html"), PROBE);
    run(probe);
    String dom = Files.readString(folder.resolve("stdout"));
    int from = dom.indexOf("<pre id=\"out\">");
    assertThat(from).as("the browser's answer: %s", dom).isNotNegative();
    String json = dom.substring(dom.indexOf('>', from) + 1, dom.indexOf("</pre>", from));
    assertThat(json).as("the page has loaded").isNotEmpty();
    return JsonMapper.builder().build().readTree(json);
  }

  private List<String> console(Path page) throws Exception {
    run(page);
    try (Stream<String> lines = Files.lines(folder.resolve("stderr"))) {
      return lines.filter(line -> line.contains(":CONSOLE")).toList();
    }
  }

  private void run(Path page) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                browser.toString(),
                "--headless",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--allow-file-access-from-files",
                "--user-data-dir=" + folder.resolve("profile"),
                "--enable-logging=stderr",
                "--virtual-time-budget=10000",
                "--dump-dom",
                page.toUri().toString()));
    if (System.getProperty("user.name").equals("root")) {
      // Chromium refuses to run as root inside its sandbox; the page is our own.
      command.add(1, "--no-sandbox");
    }
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("stdout").toFile())
            .redirectError(folder.resolve("stderr").toFile())
            .start();
    try {
      assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS))
          .as("%s ends within %d s", browser, TIMEOUT_SECONDS)
          .isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    assertThat(process.exitValue())
        .as("exit code; stderr: %s", Files.readString(folder.resolve("stderr")))
        .isZero();
  }

  /** A page with every section and long names. */
  private byte[] report() throws Exception {
    MadeUpRun run = new MadeUpRun(folder.resolve("store"));
    MadeUpPictures pictures = new MadeUpPictures(32, 64);
    List<String> ids = List.of("frankfurt_000000_000294", "frankfurt_000000_000576");
    run.withSplits(
        MadeUpRun.split("val", 12)
            .setHeight(pictures.height())
            .setWidth(pictures.width())
            .addShards(pictures.shard(run.store(), ids))
            .build());
    run.withHistory(6);
    run.with("baseline", run.store().putManifest(evaluation(run, "baseline", 0.05).build()));
    EvaluationManifest.Builder last = evaluation(run, "epoch 6", 0.9);
    for (String id : ids) {
      last.addPredictions(
          MadeUpRun.prediction(id, pictures.prediction(run.store(), id, pictures.height() / 8)));
    }
    run.withCheckpoint("epoch 6", last);
    String other = "a_checkpoint_from_elsewhere_with_a_long_name.safetensors";
    run.withCheckpoint(other, evaluation(run, other, 0.7));
    return run.store().read(run.report().getHtml());
  }

  private static EvaluationManifest.Builder evaluation(MadeUpRun run, String subject, double skill)
      throws Exception {
    EvaluationManifest.Builder evaluation = run.evaluation(subject, skill);
    CityscapesMetrics.Builder metrics = run.cityscapes(skill, 0).toBuilder();
    metrics
        .setBoundary(
            BoundaryPixels.newBuilder()
                .addAllIntersections(Collections.nCopies(34, 3L))
                .addAllUnions(Collections.nCopies(34, 8L)))
        .setBoundaryDilationRatio(0.02)
        .setMeanBoundaryIou(skill / 2);
    metrics.getClassesBuilderList().forEach(score -> score.setBoundaryIou(skill / 2));
    return evaluation.setCityscapes(metrics);
  }
}
