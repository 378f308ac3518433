package io.cityseg.cli;

import io.cityseg.run.Workspace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code cityseg run --json} with tiny settings, as a process of its own. */
final class RunProcess {
  private RunProcess() {}

  /**
   * The command, with the JVM options of the launcher.
   *
   * @param home where the command line keeps its files
   */
  static ProcessBuilder of(Path home, List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-Dai.djl.offline=true",
                "-D" + Workspace.HOME_PROPERTY + "=" + home,
                "-cp",
                System.getProperty("java.class.path"),
                CitySeg.class.getName(),
                "run",
                "--json"));
    command.addAll(TinyDataSet.SETTINGS);
    command.addAll(arguments);
    return new ProcessBuilder(command);
  }
}
