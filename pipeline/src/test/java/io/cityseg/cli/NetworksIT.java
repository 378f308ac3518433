package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.proto.HeadlineMetric;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The networks beside deeplabv3_resnet50, through the command line. */
class NetworksIT {
  @TempDir static Path folder;

  private static TinyDataSet data;
  private static Cli.Result trained;
  private static Path file;

  /** One training of mobilenet, and its checkpoint as a file. */
  @BeforeAll
  static void train() throws Exception {
    data = TinyDataSet.draw(folder.resolve("scenes"));
    trained = run("run", "deeplabv3_mobilenet_v3_large", "--json");
    assertThat(trained.code()).as(trained.err()).isZero();
    file = folder.resolve("mobilenet.pth");
    Cli.Result exported =
        new Cli(folder, List.of())
            .exactly(
                "export",
                "checkpoint",
                "latest:train/epoch-1",
                file.toString(),
                "--store",
                folder.resolve("store").toString());
    assertThat(exported.code()).as(exported.err()).isZero();
  }

  @Test
  void evaluate_ofMobilenetsExportedCheckpoint_findsItsEvaluation() {
    Cli.Result evaluated =
        run("evaluate", "deeplabv3_mobilenet_v3_large", file.toString(), "--json");
    assertThat(evaluated.code()).as(evaluated.err()).isZero();
    assertThat(evaluated.ran()).containsOnlyKeys("report");
    HeadlineMetric first = metric(trained, "epoch 1");
    assertThat(metric(evaluated, "mobilenet.pth").getMeanIou()).isEqualTo(first.getMeanIou());
    assertThat(metric(evaluated, "mobilenet.pth").getCheckpoint()).isEqualTo(first.getCheckpoint());
  }

  /** A checkpoint says itself which network it is; it is compared with the baseline given. */
  @Test
  void evaluate_ofAResnet101_evaluatesItBesideMobilenetsBaseline() {
    Cli.Result init = run("run", "deeplabv3_resnet101", "--only", "init", "--json");
    assertThat(init.code()).as(init.err()).isZero();
    String digest = init.outputs().get("init");

    Cli.Result evaluated = run("evaluate", "deeplabv3_mobilenet_v3_large", digest, "--json");

    assertThat(evaluated.code()).as(evaluated.err()).isZero();
    assertThat(evaluated.ran()).containsKey("evaluate " + digest.substring(0, 8));
    assertThat(metric(evaluated, digest.substring(0, 8)).getMeanIou()).isBetween(0.0, 1.0);
  }

  @Test
  void run_whenTheWeightsAreOfAnotherNetworkThanConfigured_namesBothOnce() {
    Cli.Result result =
        run("run", "deeplabv3_resnet101", "--set", "init.weights=" + file, "--only", "init");
    assertThat(result.code()).isEqualTo(ExitCode.FAILED);
    assertThat(result.err() + result.out())
        .containsOnlyOnce(
            "its tensors are not those of torchvision's deeplabv3_resnet101 with an auxiliary head,"
                + " they are named as those of deeplabv3_mobilenet_v3_large")
        .doesNotContain("Exception");
  }

  private static HeadlineMetric metric(Cli.Result result, String subject) {
    return result.run().getMetricsList().stream()
        .filter(metric -> metric.getSubject().equals(subject))
        .findFirst()
        .orElseThrow();
  }

  private static Cli.Result run(String command, String network, String... arguments) {
    List<String> common = new ArrayList<>(TinyDataSet.SETTINGS);
    common.addAll(List.of("--set", "init.network=" + network));
    common.addAll(List.of("--data", data.root().toString()));
    common.addAll(List.of("--store", folder.resolve("store").toString()));
    return new Cli(folder, common).run(command, arguments);
  }
}
