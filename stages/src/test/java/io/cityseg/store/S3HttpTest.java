package io.cityseg.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.SocketFactory;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

class S3HttpTest {
  private static final int AT_ONCE = 16;

  @Test
  void client_sockets_sendWithoutDelay() throws Exception {
    SocketFactory sockets = client().socketFactory();
    InetAddress here = InetAddress.getLoopbackAddress();
    try (ServerSocket server = new ServerSocket(0, 10, here)) {
      int port = server.getLocalPort();
      List<Socket> all =
          List.of(
              sockets.createSocket(),
              sockets.createSocket(here, port),
              sockets.createSocket(here, port, here, 0),
              sockets.createSocket(here.getHostAddress(), port),
              sockets.createSocket(here.getHostAddress(), port, here, 0));
      for (Socket socket : all) {
        assertThat(socket.getTcpNoDelay()).isTrue();
        socket.close();
      }
    }
  }

  @Test
  void client_whenManyRequestsFollowMany_usesTheirConnectionsAgain() throws Exception {
    Set<InetSocketAddress> connections = ConcurrentHashMap.newKeySet();
    CyclicBarrier all = new CyclicBarrier(AT_ONCE);
    ExecutorService threads = Executors.newCachedThreadPool();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), AT_ONCE);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          connections.add(exchange.getRemoteAddress());
          exchange.sendResponseHeaders(met(all) ? 204 : 500, -1);
          exchange.close();
        });
    server.start();
    try {
      OkHttpClient client = client();
      Request request =
          new Request.Builder().url("http://127.0.0.1:" + server.getAddress().getPort()).build();
      for (int wave = 0; wave < 2; wave++) {
        List<Callable<Integer>> requests = new ArrayList<>();
        for (int n = 0; n < AT_ONCE; n++) {
          requests.add(
              () -> {
                try (Response answer = client.newCall(request).execute()) {
                  return answer.code();
                }
              });
        }
        for (Future<Integer> code : threads.invokeAll(requests)) {
          assertThat(code.get()).as("204 when all were under way at once").isEqualTo(204);
        }
      }
      assertThat(connections).hasSize(AT_ONCE);
    } finally {
      server.stop(0);
      threads.shutdownNow();
    }
  }

  private static boolean met(CyclicBarrier all) {
    try {
      all.await(10, TimeUnit.SECONDS);
      return true;
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      return false;
    }
  }

  private static OkHttpClient client() throws StoreException {
    return S3Http.client(Optional.empty(), S3Limits.DEFAULT, Dns.SYSTEM);
  }
}
