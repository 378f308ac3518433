package io.cityseg.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.google.protobuf.ByteString;
import com.sun.management.OperatingSystemMXBean;
import io.cityseg.evaluate.Batch;
import io.cityseg.evaluate.Predictions;
import io.cityseg.model.EngineTurn;
import io.cityseg.model.Logits;
import io.cityseg.model.Precision;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.model.TorchEngine;
import io.cityseg.proto.Example;
import io.cityseg.score.ConfusionCounts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * Our side of {@code infra/bench/train} and {@code infra/bench/evaluate}: does as many steps as a
 * line of standard input says, and answers with a line "seconds CPU-seconds last-value".
 *
 * <p>A step is what {@link Trainer} and stage evaluate do with a batch that has been read:
 * normalised floats go in, and what they predict is counted. The arguments are: train or evaluate,
 * a safetensors file of 20 classes, a file of RGB bytes [N, H, W, 3] and then trainIds [N, H, W],
 * N, H, W, threads (0: the engine's own number), cpu or gpu, fp32 or bf16.
 */
public final class SpeedBenchmark {
  private static final int CLASSES = 20;
  private static final int CHANNELS = 3;

  private final SegmentationNetwork network;
  private final Batch batch;
  private final ConfusionCounts confusion = new ConfusionCounts(CLASSES);

  private SpeedBenchmark(SegmentationNetwork network, Batch batch) {
    this.network = network;
    this.batch = batch;
  }

  /** Runs until standard input ends. */
  public static void main(String[] args) throws Exception {
    // Standard output is for the answers.
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
    Path pixels = Path.of(args[2]);
    int images = Integer.parseInt(args[3]);
    int height = Integer.parseInt(args[4]);
    int width = Integer.parseInt(args[5]);
    Device device = TorchEngine.device(args[7]);
    try (EngineTurn turn = EngineTurn.take()) {
      turn.threads(Integer.parseInt(args[6]));
      try (SegmentationNetwork network =
          SegmentationNetwork.load(Path.of(args[1]), "deeplabv3_resnet50", CLASSES, device)) {
        var benchmark = new SpeedBenchmark(network, batch(pixels, images, height, width));
        network.trainIn(Precision.of(args[8]));
        if (args[0].equals("train")) {
          benchmark.train();
        } else {
          network.freeze();
          benchmark.serve(benchmark::evaluate);
        }
      }
    }
  }

  /** One step; returns the loss, or the share of pixels that were right. */
  @FunctionalInterface
  private interface Step {
    double run();
  }

  private void train() throws IOException {
    Map<String, NDArray> trained = Learner.trained(network, 0);
    try (Adam adam =
        Adam.fresh(new Adam.Settings(1e-4, 0.9, 0.999, 1e-8), trained, network.manager())) {
      var learner =
          new Learner(
              (x, remembered) -> network.forward(x, true, true),
              trained,
              adam,
              0,
              Criterion.plain(network.numClasses(), 0));
      serve(
          () -> {
            try (NDManager scope = network.manager().newSubManager();
                NDArray input = batch.input(scope);
                NDArray targets = batch.targets(scope)) {
              float loss =
                  learner.backward(
                      input,
                      targets,
                      (from, logits) -> confusion.add(batch.targets(), Predictions.of(logits)));
              learner.update(name -> 1e-4);
              return loss;
            }
          });
    }
  }

  private double evaluate() {
    try (NDManager scope = network.manager().newSubManager();
        NDArray input = batch.input(scope);
        Logits logits = network.forward(input, false, false);
        NDArray sum = logits.out().sum()) {
      if (!Float.isFinite(sum.getFloat())) {
        throw new IllegalStateException("logits are not finite");
      }
      byte[] predicted = Predictions.of(logits.out());
      confusion.add(batch.targets(), predicted);
      int right = 0;
      for (int i = 0; i < predicted.length; i++) {
        right += predicted[i] == batch.targets()[i] ? 1 : 0;
      }
      return (double) right / predicted.length;
    }
  }

  private void serve(Step step) throws IOException {
    var process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      int steps = Integer.parseInt(line.trim());
      long wall = System.nanoTime();
      long cpu = process.getProcessCpuTime();
      double value = 0;
      for (int i = 0; i < steps; i++) {
        value = step.run();
      }
      out.println(
          String.format(
              Locale.ROOT,
              "%.6f %.6f %.6f",
              (System.nanoTime() - wall) / 1e9,
              (process.getProcessCpuTime() - cpu) / 1e9,
              value));
    }
  }

  private static Batch batch(Path file, int images, int height, int width) throws IOException {
    int pixels = height * width;
    ByteString bytes = ByteString.copyFrom(Files.readAllBytes(file));
    ByteString labels = bytes.substring(CHANNELS * pixels * images);
    List<Batch.Member> members = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      members.add(
          new Batch.Member(
              Example.newBuilder()
                  .setId("image " + i)
                  .setHeight(height)
                  .setWidth(width)
                  .setImage(bytes.substring(CHANNELS * pixels * i, CHANNELS * pixels * (i + 1)))
                  .setLabel(labels.substring(pixels * i, pixels * (i + 1)))
                  .build(),
              false));
    }
    return Batch.of(members, Batch.newBuffer(images, height, width));
  }
}
