package io.cityseg.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cityseg.proto.ArtifactRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** A process of its own that uses a storage as this machine's environment and disks let it. */
final class StorageProcess {
  static final int OBJECT_BYTES = 1 << 18;

  private final Process process;

  private StorageProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts it, in an environment without anybody's credentials.
   *
   * @param shell goes before, and ends in words that run what follows: "exec"
   * @param home stands for the user's folder
   */
  static StorageProcess start(
      String shell, Path home, Map<String, String> environment, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", shell + " \"$0\" \"$@\""));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx96m", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-Duser.home=" + home, "-cp", System.getProperty("java.class.path")));
    command.add(StorageProcess.class.getName());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.matches("(AWS|MINIO|CITYSEG)_.*"));
    builder.environment().putAll(environment);
    return new StorageProcess(builder.start());
  }

  /** In a space of mounts of its own, after a command there. */
  static String mounting(String mount) {
    return "exec unshare -rm /bin/sh -c '" + mount + " && exec \"$0\" \"$@\"'";
  }

  /** Whether this machine lets its users mount in a space of their own. */
  static boolean canMount() throws IOException, InterruptedException {
    Process probe =
        new ProcessBuilder("/bin/sh", "-c", "unshare -rm mount -t tmpfs tmpfs /mnt")
            .redirectErrorStream(true)
            .start();
    probe.getInputStream().readAllBytes();
    return probe.waitFor() == 0;
  }

  /** All that it prints until its end. */
  String output() throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return output;
  }

  /** Object {@code n}'s content: noise, so that a part is told from the whole. */
  static byte[] content(int n) {
    byte[] content = new byte[OBJECT_BYTES];
    new Random(n).nextBytes(content);
    return content;
  }

  static ArtifactRef ref(int n) {
    return ArtifactRef.newBuilder()
        .setKind("noise")
        .setSha256(Digest.of(content(n)).hex())
        .setSize(OBJECT_BYTES)
        .build();
  }

  /** What it does, with a storage's address: create, fill, look or fetch. */
  public static void main(String[] arguments) throws Exception {
    try {
      switch (arguments[0]) {
        case "create" -> create(arguments[1]);
        case "fill" -> fill(arguments[1]);
        case "look" -> look(arguments[1]);
        default -> fetch(arguments[1], Integer.parseInt(arguments[2]));
      }
    } catch (StoreException e) {
      System.out.println("StoreException: " + e.getMessage());
    }
  }

  private static void create(String uri) throws StoreException {
    System.out.println("created " + ObjectStorages.open(uri).createIfAbsent("a", new byte[1]));
  }

  /** Writes until the disk is full, then looks what is there. */
  private static void fill(String root) throws StoreException, IOException {
    ArtifactStore store = new ArtifactStore(ObjectStorages.open(root));
    int written = 0;
    try {
      for (; ; written++) {
        Path source = Files.write(Path.of(root + "-source"), content(written));
        if (written % 2 == 0) {
          store.put("noise", content(written));
        } else {
          store.put("noise", source);
        }
      }
    } catch (StoreException e) {
      System.out.println("StoreException: " + e.getMessage());
    }
    int whole = 0;
    for (; whole < written; whole++) {
      store.read(ref(whole));
    }
    try (Stream<Path> temporaries = Files.list(Path.of(root, "tmp"))) {
      System.out.println(
          "whole %s, all %s, temporaries %d"
              .formatted(whole > 0, store.objects().list("").size() == whole, temporaries.count()));
    }
  }

  /** Reads what may only be read. */
  private static void look(String root) throws StoreException {
    ArtifactStore store = new ArtifactStore(ObjectStorages.openForReading(root));
    System.out.println("listed " + store.objects().list("").size());
    System.out.println("read " + Arrays.equals(store.read(ref(0)), content(0)));
    System.out.println("problem " + store.problem(ref(0)).orElse("none"));
    ObjectStorages.open(root);
  }

  /** Reads all objects some times over, in an order of its own, as bytes and as files. */
  private static void fetch(String uri, int objects) throws StoreException {
    ArtifactStore store = new ArtifactStore(ObjectStorages.openForReading(uri));
    List<Integer> order = new ArrayList<>();
    for (int n = 0; n < 3 * objects; n++) {
      order.add(n);
    }
    Collections.shuffle(order, new Random(ProcessHandle.current().pid()));
    for (int n : order) {
      if (n % 2 == 0) {
        store.read(ref(n % objects));
      } else {
        store.file(ref(n % objects));
      }
    }
    System.out.println("fetched");
  }
}
