package io.cityseg.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A process of its own that uses a store, for tests of what happens when it is killed or fails. */
final class StoreProcess {
  static final int OBJECT_BYTES = 1 << 20;

  private StoreProcess() {}

  /** Object {@code n}'s content: the same byte all over, so that a half is told from a whole. */
  static byte[] content(int n) {
    byte[] content = new byte[OBJECT_BYTES];
    Arrays.fill(content, (byte) n);
    return content;
  }

  static String name(int n) {
    return "objects/" + n % 7 + "/" + n;
  }

  /** Starts it; a shell command may go before ("ulimit -f 64;"). */
  static Process start(String shell, Path root, int objects) throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", shell + " exec \"$0\" \"$@\""));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(StoreProcess.class.getName());
    command.addAll(List.of(root.toString(), Integer.toString(objects)));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Creates objects 0, 1, 2, ... and replaces one again and again; says each on a line. */
  public static void main(String[] arguments) throws Exception {
    try {
      LocalObjects objects = LocalObjects.open(Path.of(arguments[0]));
      for (int n = 0; n < Integer.parseInt(arguments[1]); n++) {
        objects.createIfAbsent(name(n), content(n));
        objects.replace("replaced", content(n));
        System.out.println(n);
      }
    } catch (StoreException e) {
      System.out.write(("StoreException: " + e.getMessage() + "\n").getBytes(UTF_8));
      System.out.flush();
    }
  }
}
