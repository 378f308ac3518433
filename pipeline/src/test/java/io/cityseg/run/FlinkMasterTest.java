package io.cityseg.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is made of a master's answers, and of those of what is no master. */
class FlinkMasterTest {
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private HttpServer server;
  private MasterAddress address;
  private volatile int status = 200;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body =
              answers
                  .getOrDefault(exchange.getRequestURI().getPath(), "{}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    address = new MasterAddress("127.0.0.1", server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void onCluster_whenParallelismIsNotGiven_takesAllSlots() throws Exception {
    overview("1.19.1", 2, 6);

    assertThat(RunnerChoice.onCluster(address, OptionalInt.empty()).parallelism()).isEqualTo(6);
    assertThat(RunnerChoice.onCluster(address, OptionalInt.of(3)).parallelism()).isEqualTo(3);
  }

  @Test
  void onCluster_whenVersionIsAnother_saysBoth() {
    overview("1.18.1", 1, 1);

    assertThatThrownBy(() -> RunnerChoice.onCluster(address, OptionalInt.empty()))
        .isInstanceOf(FlinkMasterException.class)
        .hasMessageContaining(address + " is of version 1.18.1 (must be 1.19.x)");
  }

  @Test
  void onCluster_whenThereAreNoSlots_saysWhatToStart() {
    overview("1.19.3", 0, 0);

    assertThatThrownBy(() -> RunnerChoice.onCluster(address, OptionalInt.empty()))
        .isInstanceOf(FlinkMasterException.class)
        .hasMessageContaining("has 0 TaskManagers and no slots; start TaskManagers");
  }

  @Test
  void onCluster_whenNothingListens_namesTheAddress() {
    server.stop(0);

    assertThatThrownBy(() -> RunnerChoice.onCluster(address, OptionalInt.empty()))
        .isInstanceOf(FlinkMasterException.class)
        .hasMessageStartingWith("Cannot reach the Flink master " + address)
        .hasMessageContaining("REST port (8081 by default)");
  }

  @Test
  void onCluster_whenItIsNoMaster_saysSo() {
    for (String body : new String[] {"<html>", "{}", "[1]", ""}) {
      answers.put("/overview", body);
      assertThatThrownBy(() -> RunnerChoice.onCluster(address, OptionalInt.empty()))
          .as(body)
          .isInstanceOf(FlinkMasterException.class)
          .hasMessageContaining(address + " answers, but not as a Flink master does");
    }
  }

  @Test
  void job_whenMasterIsBeingElected_isUnreachableForNow() {
    status = 503;

    assertThatThrownBy(() -> new FlinkMaster(address).job("1"))
        .isInstanceOfSatisfying(
            FlinkMasterException.class, e -> assertThat(e.isUnreachable()).isTrue());
  }

  @Test
  void job_whenUnknown_isNothing() throws Exception {
    status = 404;

    assertThat(new FlinkMaster(address).job("1")).isEmpty();
  }

  @Test
  void job_whenItsTasksHaveNoSlot_waits() throws Exception {
    answers.put("/jobs/1", "{\"state\":\"RUNNING\",\"status-counts\":{\"SCHEDULED\":2}}");
    answers.put(
        "/jobs/2", "{\"state\":\"RUNNING\",\"status-counts\":{\"SCHEDULED\":2,\"RUNNING\":1}}");

    FlinkMaster master = new FlinkMaster(address);
    assertThat(master.job("1").orElseThrow().waiting()).isTrue();
    assertThat(master.job("2").orElseThrow().waiting()).isFalse();
  }

  @Test
  void innermost_whenTraceHasCauses_isTheLastOnesMessage() {
    assertThat(
            FlinkMaster.innermost(
                """
                org.apache.flink.runtime.JobException: Recovery is suppressed
                \tat org.apache.flink.X.y(X.java:1)
                Caused by: io.cityseg.beam.NodeFn$NodeFailure: init: Cannot write
                \t... 3 more
                Caused by: io.cityseg.store.StoreException: Cannot write blobs/x: no space
                """))
        .isEqualTo("Cannot write blobs/x: no space");
    assertThat(FlinkMaster.innermost("Connection refused")).isEqualTo("Connection refused");
    assertThat(FlinkMaster.innermost("")).isEqualTo("it gave no reason");
  }

  private void overview(String version, int taskManagers, int slots) {
    answers.put(
        "/overview",
        "{\"flink-version\":\"%s\",\"taskmanagers\":%d,\"slots-total\":%d}"
            .formatted(version, taskManagers, slots));
    answers.put("/jobmanager/environment", "{\"classpath\":[\"/opt/lib/flink-core-1.19.3.jar\"]}");
  }
}
