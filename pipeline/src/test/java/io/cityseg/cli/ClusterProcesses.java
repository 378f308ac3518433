package io.cityseg.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Flink cluster of processes, started by the script that people start theirs with.
 *
 * @param folder where it keeps its processes' ids and logs
 * @param port of its master
 * @param environment what its processes have beside this one's
 */
record ClusterProcesses(Path folder, int port, Map<String, String> environment) {
  private static final Set<String> UNDER_WAY = Set.of("DEPLOYING", "INITIALIZING", "RUNNING");
  private static final Set<String> OVER = Set.of("FINISHED", "FAILED", "CANCELED");
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();

  static ClusterProcesses in(Path folder) throws IOException {
    return in(folder, Map.of());
  }

  static ClusterProcesses in(Path folder, Map<String, String> environment) throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return new ClusterProcesses(folder, free.getLocalPort(), environment);
    }
  }

  String master() {
    return "127.0.0.1:" + port;
  }

  /** Makes sure that so many TaskManagers with one slot each run. */
  void up(int taskManagers, String... settings) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("up", Integer.toString(taskManagers), "--heap", "192"));
    // Faults are noticed sooner than a real cluster would want to.
    for (String setting :
        List.of(
            "heartbeat.interval=1000",
            "heartbeat.timeout=6000",
            // whoever is to be killed is asked for, and must be the one of this moment
            "web.refresh-interval=1",
            "restart-strategy.exponential-delay.initial-backoff=500ms",
            "restart-strategy.exponential-delay.max-backoff=1s",
            // short waits cost several attempts until a lost machine is noticed
            "restart-strategy.exponential-delay.attempts-before-reset-backoff=60")) {
      command.addAll(List.of("-D", setting));
    }
    command.addAll(List.of(settings));
    script("", command);
  }

  /** The same, with processes that cannot write files of more than so many KiB. */
  void upWithFilesOfAtMost(int kibibytes) throws Exception {
    List<String> command = new ArrayList<>(List.of("up", "1", "--heap", "192"));
    command.addAll(
        List.of("-D", "restart-strategy.exponential-delay.attempts-before-reset-backoff=1"));
    script("ulimit -f " + kibibytes + "; ", command);
  }

  void down() throws Exception {
    script("", List.of("down"));
  }

  /** Kills a process without notice. */
  void kill(String name) throws IOException {
    process(name).destroyForcibly();
    process(name).onExit().join();
  }

  /**
   * Stops the TaskManagers, so that what is asked about them stays true, as soon as a folder has so
   * many files. A shell looks and sends the signal, since it needs no process of its own for that:
   * there are pieces that take 30 ms.
   */
  Process freezeWhen(Path folder, int files) throws IOException {
    String script =
        "shopt -s nullglob; exec 7<> <(:); while seen=('%s'/*); ((${#seen[@]} < %d)); do read -rt 0.002 -u 7; done; kill -STOP %s"
            .formatted(folder, files, String.join(" ", taskManagers()));
    return new ProcessBuilder("bash", "-c", script).inheritIO().start();
  }

  void thaw() throws Exception {
    List<String> command = new ArrayList<>(List.of("kill", "-CONT"));
    command.addAll(taskManagers());
    // of a killed one there is nothing to signal
    new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor();
  }

  private List<String> taskManagers() throws IOException {
    List<String> ids = new ArrayList<>();
    for (String name : List.of("taskmanager-1", "taskmanager-2")) {
      ids.add(Files.readString(this.folder.resolve(name + ".pid")).strip());
    }
    return ids;
  }

  /** The TaskManager in which a job's task runs whose name begins so. */
  String taskManagerOf(String jobId, String task) throws Exception {
    List<String> seen = new ArrayList<>();
    for (JsonNode vertex : ask("/jobs/" + jobId).path("vertices")) {
      String state = vertex.path("status").asText();
      seen.add(vertex.path("name").asText() + " " + state);
      // frozen before it could tell the master that it runs
      if (vertex.path("name").asText().contains(task) && UNDER_WAY.contains(state)) {
        String vertexId = vertex.path("id").asText();
        for (JsonNode worker :
            ask("/jobs/" + jobId + "/vertices/" + vertexId + "/taskmanagers")
                .path("taskmanagers")) {
          if (UNDER_WAY.contains(worker.path("status").asText())) {
            return worker.path("taskmanager-id").asText();
          }
        }
      }
    }
    throw new AssertionError("No task " + task + " runs: " + seen);
  }

  /** A job's state, as the master says it. */
  String state(String jobId) throws Exception {
    return ask("/jobs/" + jobId).path("state").asText();
  }

  /** In how many slots a job's task was run, or is to be. */
  int parallelism(String jobId, String task) throws Exception {
    for (JsonNode vertex : ask("/jobs/" + jobId).path("vertices")) {
      if (vertex.path("name").asText().contains(task)) {
        return vertex.path("parallelism").asInt();
      }
    }
    throw new AssertionError("Job " + jobId + " has no task " + task);
  }

  /**
   * All that the master's REST interface says of itself, of its TaskManagers and of all jobs, by
   * path (Flink 1.19, "REST API"): configurations, plans, exceptions, logs, what threads do.
   */
  Map<String, String> everythingSaid() throws Exception {
    Map<String, String> said = new TreeMap<>();
    List<String> paths =
        new ArrayList<>(
            List.of("/config", "/overview", "/jobs/overview", "/taskmanagers", "/datasets"));
    for (String of : List.of("config", "environment", "log", "stdout", "logs", "thread-dump")) {
      paths.add("/jobmanager/" + of);
    }
    for (JsonNode worker : ask("/taskmanagers").path("taskmanagers")) {
      String path = "/taskmanagers/" + worker.path("id").asText();
      paths.add(path);
      for (String of : List.of("log", "stdout", "logs", "thread-dump", "metrics")) {
        paths.add(path + "/" + of);
      }
    }
    for (JsonNode job : ask("/jobs/overview").path("jobs")) {
      paths.addAll(pathsOfJob("/jobs/" + job.path("jid").asText()));
    }
    for (String path : paths) {
      said.put(path, text(path));
    }
    return said;
  }

  private List<String> pathsOfJob(String job) throws Exception {
    List<String> paths = new ArrayList<>(List.of(job));
    for (String of :
        List.of("config", "plan", "exceptions?maxExceptions=100", "accumulators", "metrics")) {
      paths.add(job + "/" + of);
    }
    paths.add(job + "/accumulators?includeSerializedValue=true");
    paths.add(job + "/jobmanager/environment");
    for (JsonNode vertex : ask(job).path("vertices")) {
      String path = job + "/vertices/" + vertex.path("id").asText();
      paths.add(path);
      for (String of : List.of("accumulators", "taskmanagers", "subtasktimes", "metrics")) {
        paths.add(path + "/" + of);
      }
    }
    return paths;
  }

  /** All that its processes wrote below its folder, but the libraries: logs, temporary files. */
  Map<String, String> everythingWritten() throws IOException {
    Map<String, String> written = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.startsWith(folder.resolve("lib"))) {
          written.put(
              folder.relativize(file).toString(),
              Files.readString(file, StandardCharsets.ISO_8859_1));
        }
      }
    }
    return written;
  }

  /** Jobs that have not ended. */
  List<String> jobsUnderWay() throws Exception {
    List<String> jobs = new ArrayList<>();
    for (JsonNode job : ask("/jobs/overview").path("jobs")) {
      if (!OVER.contains(job.path("state").asText())) {
        jobs.add(job.path("name").asText() + " " + job.path("state").asText());
      }
    }
    return jobs;
  }

  private ProcessHandle process(String name) throws IOException {
    long id = Long.parseLong(Files.readString(folder.resolve(name + ".pid")).strip());
    return ProcessHandle.of(id).orElseThrow(() -> new AssertionError(name + " does not run"));
  }

  private JsonNode ask(String path) throws Exception {
    return JSON.readTree(text(path));
  }

  private String text(String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + master() + path)).build();
    return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private void script(String before, List<String> arguments) throws Exception {
    Path output = Files.createTempFile("cluster", ".log");
    String line =
        "%s exec '%s' %s --port %d --dir '%s'"
            .formatted(
                before,
                Path.of("").toAbsolutePath().getParent().resolve("infra/cluster"),
                String.join(" ", arguments),
                port,
                folder);
    ProcessBuilder script =
        new ProcessBuilder("bash", "-c", line)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    script.environment().putAll(environment);
    Process process = script.start();
    boolean ended = process.waitFor(3, TimeUnit.MINUTES);
    if (!ended || process.exitValue() != 0) {
      throw new AssertionError(arguments + ": " + Files.readString(output, StandardCharsets.UTF_8));
    }
    Files.delete(output);
  }
}
