package io.cityseg.scenes;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.util.Objects.requireNonNull;

import io.cityseg.files.FileFailures;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/**
 * Writes a data set of drawn scenes: {@code leftImg8bit/<split>/<city>/} and {@code
 * gtFine/<split>/<city>/} with image, polygons, labelIds and instanceIds of each scene. The
 * training scenes are of the cities scenea and sceneb, the validation scenes of scenec.
 */
public final class SceneWriter {
  /** Raised by hand when the same options draw other bytes than before. */
  public static final int VERSION = 1;

  private static final int TRAIN = 1;
  private static final int VAL = 2;

  private SceneWriter() {}

  /**
   * Draws scenes into a new folder, which appears whole or not at all; the bytes depend on the
   * options alone. Uses as many threads as there are processors.
   *
   * @param root the data set's folder; it must not exist, or be empty
   * @param drawn is told the number of scenes finished so far, by one thread
   * @throws ScenesException when the folder holds something, or cannot be written
   */
  public static void draw(Path root, SceneOptions options, IntConsumer drawn)
      throws ScenesException, InterruptedException {
    requireNonNull(drawn, "drawn");
    Path target = requireNonNull(root, "root").toAbsolutePath().normalize();
    refuseOccupied(target);
    try {
      Files.createDirectories(target.getParent());
      Path unfinished =
          Files.createTempDirectory(target.getParent(), "." + target.getFileName() + ".drawing-");
      try {
        drawAll(unfinished, options, drawn);
        openToReaders(unfinished);
        Files.move(unfinished, target, ATOMIC_MOVE);
      } finally {
        deleteTree(unfinished);
      }
    } catch (IOException e) {
      throw new ScenesException(
          "Cannot draw scenes into %s: %s; check its permissions and the space left"
              .formatted(target, FileFailures.reason(e)),
          e);
    }
  }

  private static void refuseOccupied(Path target) throws ScenesException {
    if (!Files.exists(target)) {
      return;
    }
    if (!Files.isDirectory(target)) {
      throw new ScenesException(
          "Cannot draw scenes into %s: it is a file; name a new folder".formatted(target));
    }
    try (Stream<Path> entries = Files.list(target)) {
      if (entries.findAny().isPresent()) {
        throw new ScenesException(
            "Cannot draw scenes into %s: it is not empty; name a new folder, or delete this one"
                .formatted(target));
      }
    } catch (IOException e) {
      throw new ScenesException(
          "Cannot draw scenes into %s: it cannot be listed: %s"
              .formatted(target, FileFailures.reason(e)),
          e);
    }
  }

  private static void drawAll(Path folder, SceneOptions options, IntConsumer drawn)
      throws IOException, InterruptedException {
    ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      List<Future<?>> scenes = new ArrayList<>();
      for (int i = 0; i < options.train(); i++) {
        scenes.add(
            submit(threads, folder, name("train", i), sceneSeed(options, TRAIN, i), options));
      }
      for (int i = 0; i < options.val(); i++) {
        scenes.add(submit(threads, folder, name("val", i), sceneSeed(options, VAL, i), options));
      }
      int finished = 0;
      for (Future<?> scene : scenes) {
        scene.get();
        drawn.accept(++finished);
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    } finally {
      threads.shutdownNow();
      // No thread may write into a folder that is about to be moved or deleted.
      while (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
        threads.shutdownNow();
      }
    }
  }

  private static Future<?> submit(
      ExecutorService threads, Path folder, SceneName name, long seed, SceneOptions options) {
    return threads.submit(
        () -> {
          write(folder, name, Scene.draw(options.height(), options.width(), seed));
          return null;
        });
  }

  private record SceneName(String split, String city, String id) {}

  private static SceneName name(String split, int index) {
    String city = split.equals("val") ? "scenec" : index % 2 == 0 ? "scenea" : "sceneb";
    return new SceneName(split, city, "%s_%06d_000019".formatted(city, index));
  }

  /** The seed of one scene: far apart for neighbouring seeds, splits and indices. */
  private static long sceneSeed(SceneOptions options, int split, int index) {
    return SceneRandom.mix(SceneRandom.mix(SceneRandom.mix(options.seed()) + split) + index);
  }

  private static void write(Path folder, SceneName name, Scene scene) throws IOException {
    Path images =
        Files.createDirectories(
            folder.resolve("leftImg8bit").resolve(name.split()).resolve(name.city()));
    Path labels =
        Files.createDirectories(
            folder.resolve("gtFine").resolve(name.split()).resolve(name.city()));
    Files.write(images.resolve(name.id() + "_leftImg8bit.png"), scene.image());
    Files.write(labels.resolve(name.id() + "_gtFine_polygons.json"), scene.polygons());
    Files.write(labels.resolve(name.id() + "_gtFine_labelIds.png"), scene.labelIds());
    Files.write(labels.resolve(name.id() + "_gtFine_instanceIds.png"), scene.instanceIds());
  }

  /** A temporary folder is its owner's alone; the finished one is like any other new folder. */
  private static void openToReaders(Path folder) throws IOException {
    Path ordinary = Files.createDirectory(folder.resolve("permissions"));
    if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(folder, Files.getPosixFilePermissions(ordinary));
    }
    Files.delete(ordinary);
  }

  private static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
