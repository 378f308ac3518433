package io.cityseg.run;

import io.cityseg.store.Digest;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a job brings to a cluster: of this process's class path that which the cluster's lib/ does
 * not have. Natives are loaded once in a JVM, by one class loader, so they and what holds them must
 * be in lib/; so must Beam, of which two copies would not know each other's types.
 *
 * <p>Our own jars are in lib/ too, with the beginning of their digest in the name. A client of the
 * same build sends nothing, and the cluster loads our classes once. A client of another build sends
 * its own, which come first in its job; each such job costs a TaskManager 4 MB of class memory for
 * good, since Beam remembers the classes that it has seen (measured).
 *
 * @param files jars, and folders of classes
 */
record StagedJars(List<Path> files) {
  /** "flink-core" of "flink-core-1.19.3.jar". */
  private static final Pattern ARTIFACT = Pattern.compile("(.+?)-\\d.*\\.jar");

  /** A flavour for the TaskManager's device: any will do, and none where a folder is named. */
  private static final String NATIVE = "pytorch-native-";

  private static final String OWN = "cityseg-";
  private static final String JAR = ".jar";
  private static final int DIGEST_CHARACTERS = 12;

  private static final Set<String> IN_LIB =
      Set.of(
          // DJL's
          "api",
          "pytorch-engine",
          "pytorch-jni",
          "jna",
          "opencv",
          "protobuf-java",
          "beam-sdks-java-core",
          "beam-runners-flink-1.19");

  StagedJars {
    files = List.copyOf(files);
  }

  /** This process's class path, as the launcher and test runners set it. */
  static List<Path> ownClassPath() {
    return Pattern.compile(Pattern.quote(File.pathSeparator))
        .splitAsStream(System.getProperty("java.class.path"))
        .map(Path::of)
        .filter(Files::exists)
        .toList();
  }

  /**
   * Chooses what to send.
   *
   * @param classPath jars and folders of classes
   * @param cluster whose lib/ holds what need not be sent
   * @throws FlinkMasterException when the cluster lacks what cannot be sent, or has another version
   *     of it
   */
  static StagedJars of(List<Path> classPath, FlinkMaster.Cluster cluster, MasterAddress master)
      throws FlinkMasterException {
    Set<String> artifacts =
        cluster.libraries().stream().map(StagedJars::artifact).collect(Collectors.toSet());
    // The official distribution has Flink in one jar.
    boolean distribution = artifacts.contains("flink-dist");
    List<Path> staged = new ArrayList<>();
    boolean ownIsThere =
        classPath.stream().filter(StagedJars::isOwn).allMatch(own -> isThere(own, cluster));
    Set<String> lacking = new TreeSet<>();
    for (Path entry : classPath) {
      String name = String.valueOf(entry.getFileName());
      String artifact = artifact(name);
      if ((isOwn(entry) && ownIsThere)
          || cluster.libraries().contains(name)
          || artifact.startsWith(NATIVE)
          || (distribution && artifact.startsWith("flink-"))) {
        continue;
      }
      if (IN_LIB.contains(artifact)) {
        lacking.add(name);
      } else {
        staged.add(entry);
      }
    }
    if (!lacking.isEmpty()) {
      throw new FlinkMasterException(
          ("The Flink cluster %s cannot run this job: its lib/ lacks %s, which cannot be sent with a"
                  + " job (natives are loaded once in a process); put the jars of pipeline/target/lib"
                  + " there, as infra/cluster and infra/image do")
              .formatted(master, String.join(", ", lacking)));
    }
    return new StagedJars(staged);
  }

  /** Bytes that a submission sends; a folder's are counted before they are packed. */
  long bytes() {
    return files.stream().mapToLong(StagedJars::size).sum();
  }

  /**
   * The files, or an empty jar where there are none: Beam takes "none" for "the whole class path".
   */
  List<String> names() throws FlinkMasterException {
    if (!files.isEmpty()) {
      return files.stream().map(Path::toString).toList();
    }
    try {
      Path empty = Files.createTempFile("cityseg-nothing", JAR);
      empty.toFile().deleteOnExit();
      new JarOutputStream(Files.newOutputStream(empty), new Manifest()).close();
      return List.of(empty.toString());
    } catch (IOException e) {
      throw new FlinkMasterException(
          "Cannot write a temporary file to send to the cluster: " + e.getMessage(), e);
    }
  }

  private static long size(Path file) {
    try (var all = Files.walk(file)) {
      return all.filter(Files::isRegularFile).mapToLong(part -> part.toFile().length()).sum();
    } catch (IOException e) {
      // counted for the log alone; sending it will say what is wrong with it
      return 0;
    }
  }

  /** Jars of this project, and folders of classes, as in tests. */
  private static boolean isOwn(Path entry) {
    return entry.getFileName().toString().startsWith(OWN) || Files.isDirectory(entry);
  }

  private static boolean isThere(Path own, FlinkMaster.Cluster cluster) {
    if (Files.isDirectory(own)) {
      return false;
    }
    String name = own.getFileName().toString();
    try {
      String digest = Digest.of(own).hex().substring(0, DIGEST_CHARACTERS);
      return cluster
          .libraries()
          .contains(name.substring(0, name.length() - JAR.length()) + "-" + digest + JAR);
    } catch (IOException e) {
      // sending it will say what is wrong with it
      return false;
    }
  }

  private static String artifact(String name) {
    Matcher jar = ARTIFACT.matcher(name);
    return jar.matches() ? jar.group(1) : name;
  }
}
