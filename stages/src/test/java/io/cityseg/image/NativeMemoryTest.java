package io.cityseg.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pictures beside many garbage collections, in a JVM of its own: with {@code Mat.release()} in
 * place of {@link OpenCv#release} that JVM crashed after 3 to 162 seconds, eight times of eight.
 */
class NativeMemoryTest {
  private static final Duration LASTS = Duration.ofMinutes(4);

  @TempDir Path folder;

  @Test
  @EnabledIfSystemProperty(
      named = "cityseg.long",
      matches = "true",
      disabledReason = "four minutes: run it with -Dcityseg.long=true")
  void resize_besideManyCollections_keepsNativeMemoryWhole() throws Exception {
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                // many collections, and objects that survive a few of them
                "-Xmn16m",
                "-XX:SurvivorRatio=3",
                "-XX:+UseSerialGC",
                "-XX:ErrorFile=" + folder.resolve("crash"),
                "-cp",
                System.getProperty("java.class.path"),
                Resizing.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(process.waitFor(2 * LASTS.toSeconds(), TimeUnit.SECONDS)).as("it ended").isTrue();
      assertThat(process.exitValue()).as("see %s", log).isZero();
      assertThat(log).isEmptyFile();
    } finally {
      process.destroyForcibly();
    }
  }

  /** What the other JVM does. */
  static final class Resizing {
    @SuppressWarnings("unused") // its values are garbage
    private static volatile byte[] garbage;

    private Resizing() {}

    public static void main(String[] arguments) throws InterruptedException {
      long end = System.nanoTime() + LASTS.toNanos();
      List<Thread> threads = new ArrayList<>();
      for (int n = 0; n < 2; n++) {
        Thread thread = new Thread(() -> resizeUntil(end));
        thread.start();
        threads.add(thread);
      }
      while (System.nanoTime() < end) {
        garbage = new byte[1000];
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }

    private static void resizeUntil(long end) {
      RgbImage image = new RgbImage(1024, 2048, new byte[1024 * 2048 * RgbImage.CHANNELS]);
      while (System.nanoTime() < end) {
        Resize.bilinear(image, 512, 1024);
      }
    }
  }
}
