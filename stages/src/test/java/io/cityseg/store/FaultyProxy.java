package io.cityseg.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stands before an HTTP server and does to each exchange what a test says. One exchange a
 * connection.
 */
final class FaultyProxy {
  private static final Pattern LENGTH = Pattern.compile("(?i)\r\nContent-Length: *([0-9]+)");

  private final ServerSocket listener;
  private final int server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final List<String> broken = new CopyOnWriteArrayList<>();
  private volatile Function<String, Fault> rule = request -> Fault.NONE;

  /** What is done to an exchange. */
  enum Fault {
    NONE,
    /** 503, and the server hears nothing. */
    UNAVAILABLE,
    /** The connection is reset, and the server hears nothing. */
    RESET_BEFORE,
    /** The server carries it out; the client sees a reset. */
    RESET_AFTER,
    /** The answer's second half is lost. */
    TRUNCATED,
    /** The answer's last byte is another. */
    WRONG_BYTES,
    /** No answer comes. */
    SILENCE,
    /** The server does not hear of any condition. */
    WITHOUT_CONDITION,
    /** A proxy's own page. */
    WEB_PAGE,
    /** As Amazon answers when the request's time is more than 15 minutes off. */
    CLOCK_SKEW,
    /** As Amazon answers a signature for another region. */
    OTHER_REGION
  }

  private FaultyProxy(ServerSocket listener, int server) {
    this.listener = listener;
    this.server = server;
  }

  static FaultyProxy before(int port) throws IOException {
    FaultyProxy proxy =
        new FaultyProxy(new ServerSocket(0, 100, InetAddress.getLoopbackAddress()), port);
    proxy.threads.execute(proxy::accept);
    return proxy;
  }

  String endpoint() {
    return "http://127.0.0.1:" + listener.getLocalPort();
  }

  /** Decides by the request's first line, "PUT /bucket/name HTTP/1.1". */
  void does(Function<String, Fault> what) {
    rule = what;
  }

  /** The first lines of all requests so far. */
  List<String> seen() {
    return List.copyOf(seen);
  }

  void stop() throws IOException {
    listener.close();
    threads.shutdownNow();
  }

  private void accept() {
    while (true) {
      try {
        Socket client = listener.accept();
        threads.execute(() -> serve(client));
      } catch (IOException | RejectedExecutionException e) {
        // stopped
        return;
      }
    }
  }

  /** A connection that breaks is one more fault, and the client's to bear. */
  private void serve(Socket client) {
    try (client) {
      exchange(client);
    } catch (IOException e) {
      broken.add(e.toString());
    }
  }

  private void exchange(Socket client) throws IOException {
    String head = head(client.getInputStream());
    String line = head.substring(0, head.indexOf('\r'));
    seen.add(line);
    byte[] body = client.getInputStream().readNBytes(length(head));
    Fault fault = rule.apply(line);
    switch (fault) {
      case UNAVAILABLE -> answer(client, "503 Service Unavailable", "application/xml", "");
      case WEB_PAGE -> answer(client, "200 OK", "text/html", "<html>welcome</html>");
      case CLOCK_SKEW ->
          refuse(client, "403 Forbidden", "RequestTimeTooSkewed", "The difference is too large");
      case OTHER_REGION ->
          refuse(
              client,
              "400 Bad Request",
              "AuthorizationHeaderMalformed",
              "the region 'us-east-1' is wrong; expecting 'eu-west-1'");
      case RESET_BEFORE -> reset(client);
      case SILENCE -> client.getInputStream().read();
      case RESET_AFTER -> {
        forward(head, body);
        reset(client);
      }
      case WITHOUT_CONDITION ->
          client
              .getOutputStream()
              .write(forward(head.replaceAll("(?i)\r\nIf-None-Match:[^\r]*", ""), body));
      case TRUNCATED -> {
        byte[] answer = forward(head, body);
        client.getOutputStream().write(answer, 0, answer.length - bodyLength(answer) / 2 - 1);
      }
      case WRONG_BYTES -> {
        byte[] answer = forward(head, body);
        if (bodyLength(answer) > 0) {
          answer[answer.length - 1] ^= 1;
        }
        client.getOutputStream().write(answer);
      }
      case NONE -> client.getOutputStream().write(forward(head, body));
    }
  }

  private static int bodyLength(byte[] answer) {
    String text = new String(answer, ISO_8859_1);
    return answer.length - text.indexOf("\r\n\r\n") - 4;
  }

  private byte[] forward(String head, byte[] body) throws IOException {
    try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server)) {
      OutputStream out = upstream.getOutputStream();
      String once = head.replaceAll("(?i)\r\nConnection:[^\r]*", "");
      out.write(once.replaceFirst("\r\n", "\r\nConnection: close\r\n").getBytes(ISO_8859_1));
      out.write(body);
      out.flush();
      return upstream.getInputStream().readAllBytes();
    }
  }

  private static void refuse(Socket client, String status, String code, String message)
      throws IOException {
    String body = "<Error><Code>%s</Code><Message>%s</Message></Error>".formatted(code, message);
    answer(client, status, "application/xml", body);
  }

  private static void answer(Socket client, String status, String type, String body)
      throws IOException {
    client
        .getOutputStream()
        .write(
            "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                .formatted(status, type, body.length(), body)
                .getBytes(ISO_8859_1));
  }

  private static void reset(Socket client) throws IOException {
    client.setSoLinger(true, 0);
    client.close();
  }

  private static int length(String head) {
    Matcher length = LENGTH.matcher(head);
    return length.find() ? Integer.parseInt(length.group(1)) : 0;
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("no request");
      }
      head.write(next);
    }
    return head.toString(ISO_8859_1);
  }
}
