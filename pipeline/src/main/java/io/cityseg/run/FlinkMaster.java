package io.cityseg.run;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a Flink cluster's master says of itself and of jobs, by its REST interface (Flink 1.19,
 * "REST API"). Thread-safe.
 */
final class FlinkMaster {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int NOT_FOUND = 404;

  /** What a master says that has not been elected yet. */
  private static final int UNAVAILABLE = 503;

  private static final Pattern CAUSE =
      Pattern.compile("^(?:Caused by: )?(?:[\\w$]+\\.)+[\\w$]+(?:: (.*))?$");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final MasterAddress address;
  private final HttpClient http;

  FlinkMaster(MasterAddress address) {
    this.address = requireNonNull(address, "address");
    this.http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  }

  /**
   * A cluster.
   *
   * @param slots pieces of work that it can do at once
   * @param libraries names of the jars in the master's class path, which is the TaskManagers', too
   */
  record Cluster(String flinkVersion, int taskManagers, int slots, Set<String> libraries) {}

  /**
   * A job.
   *
   * @param state Flink's name for it: "RUNNING"
   * @param waiting whether it has work and no slot
   */
  record Job(String state, boolean waiting) {
    boolean isOver() {
      return switch (state) {
        case "FINISHED", "FAILED", "CANCELED", "SUSPENDED" -> true;
        default -> false;
      };
    }
  }

  MasterAddress address() {
    return address;
  }

  Cluster cluster() throws FlinkMasterException, InterruptedException {
    JsonNode overview = answer("/overview");
    JsonNode version = overview.path("flink-version");
    if (!version.isTextual()) {
      throw new FlinkMasterException(notAMaster("it does not say its version"));
    }
    Set<String> libraries = new TreeSet<>();
    for (JsonNode entry : answer("/jobmanager/environment").path("classpath")) {
      libraries.add(String.valueOf(Path.of(entry.asText()).getFileName()));
    }
    return new Cluster(
        version.asText(),
        overview.path("taskmanagers").asInt(),
        overview.path("slots-total").asInt(),
        libraries);
  }

  /** A job's state; nothing when the master knows no such job. */
  Optional<Job> job(String id) throws FlinkMasterException, InterruptedException {
    HttpResponse<String> response = send("GET", "/jobs/" + id);
    if (response.statusCode() == NOT_FOUND) {
      return Optional.empty();
    }
    JsonNode job = parsed(response);
    JsonNode tasks = job.path("status-counts");
    boolean waiting =
        tasks.path("SCHEDULED").asInt() > 0
            && tasks.path("RUNNING").asInt() == 0
            && tasks.path("DEPLOYING").asInt() == 0
            && tasks.path("INITIALIZING").asInt() == 0;
    return Optional.of(new Job(job.path("state").asText(), waiting));
  }

  /** The id of the job of that name. */
  Optional<String> idOf(String name) throws FlinkMasterException, InterruptedException {
    for (JsonNode job : answer("/jobs/overview").path("jobs")) {
      if (job.path("name").asText().equals(name)) {
        return Optional.of(job.path("jid").asText());
      }
    }
    return Optional.empty();
  }

  /** Asks for a job's end, which takes a moment. */
  void cancel(String id) throws FlinkMasterException, InterruptedException {
    HttpResponse<String> response = send("PATCH", "/jobs/" + id + "?mode=cancel");
    if (response.statusCode() >= 400 && response.statusCode() != NOT_FOUND) {
      throw new FlinkMasterException(
          "Flink master %s does not cancel job %s: HTTP %d"
              .formatted(address, id, response.statusCode()));
    }
  }

  /** Why a job failed: the message of the innermost cause. */
  String failure(String id) throws FlinkMasterException, InterruptedException {
    JsonNode trace = answer("/jobs/" + id + "/exceptions").path("root-exception");
    return innermost(trace.asText());
  }

  /** The message of the last cause of a printed stack trace; of other text, its first line. */
  static String innermost(String trace) {
    String message = trace.lines().findFirst().orElse("it gave no reason");
    for (String line : trace.lines().toList()) {
      Matcher cause = CAUSE.matcher(line);
      if (cause.matches()) {
        message = cause.group(1) == null ? line : cause.group(1);
      }
    }
    return message;
  }

  private JsonNode answer(String path) throws FlinkMasterException, InterruptedException {
    return parsed(send("GET", path));
  }

  private JsonNode parsed(HttpResponse<String> response) throws FlinkMasterException {
    if (response.statusCode() != 200) {
      throw new FlinkMasterException(
          notAMaster("HTTP %d for %s".formatted(response.statusCode(), response.uri().getPath())));
    }
    try {
      return JSON.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw new FlinkMasterException(notAMaster("no JSON for " + response.uri().getPath()), e);
    }
  }

  private HttpResponse<String> send(String method, String path)
      throws FlinkMasterException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + address + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(PATIENCE)
            .build();
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() == UNAVAILABLE) {
        throw FlinkMasterException.unreachable(
            "Flink master %s is not ready: it is starting, or another takes its place"
                .formatted(address),
            null);
      }
      return response;
    } catch (IOException e) {
      String reason = e.getMessage() == null ? "connection refused" : e.getMessage();
      throw FlinkMasterException.unreachable(
          "Cannot reach the Flink master %s: %s; does it run, and is that its REST port (8081 by default)?"
              .formatted(address, reason),
          e);
    }
  }

  private String notAMaster(String what) {
    return "%s answers, but not as a Flink master does: %s; give the address of its REST port (8081 by default)"
        .formatted(address, what);
  }
}
