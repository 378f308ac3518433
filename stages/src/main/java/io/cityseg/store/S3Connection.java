package io.cityseg.store;

import static java.util.Objects.requireNonNull;

import io.minio.Http;
import io.minio.MinioAsyncClient;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;

/**
 * Sends requests to an object store, again and again for a while when that may help.
 *
 * <p>Repeated are answers 5xx (but for 501), 408 and 429, conflicts of crossing conditional
 * requests, resets, time-outs and bodies that end early, with pauses that double from 0.1 s to 5 s,
 * of which a random half is taken off, so that many workers do not come back in the same moment.
 * Every other answer 4xx is final. Nothing beneath repeats: a request that was sent twice must be
 * known to have been, since the first may have been carried out. Thread-safe.
 */
final class S3Connection {
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final S3Address address;
  private final S3Credentials credentials;
  private final MinioAsyncClient client;
  private final S3Limits limits;

  private S3Connection(
      S3Address address, S3Credentials credentials, MinioAsyncClient client, S3Limits limits) {
    this.address = address;
    this.credentials = credentials;
    this.client = client;
    this.limits = limits;
  }

  /**
   * A connection that has not been used yet.
   *
   * @param address with endpoint and region
   */
  static S3Connection of(
      S3Address address, S3Credentials credentials, OkHttpClient http, S3Limits limits) {
    Http.BaseUrl url = new Http.BaseUrl(address.endpoint().orElseThrow());
    // the region is never asked for: one request and one permission less
    url.setRegion(address.region().orElseThrow());
    MinioAsyncClient client =
        MinioAsyncClient.builder()
            .baseUrl(url)
            .credentialsProvider(requireNonNull(credentials, "credentials"))
            .httpClient(http)
            .build();
    if (address.isVirtual()) {
      client.enableVirtualStyleEndpoint();
    } else {
      client.disableVirtualStyleEndpoint();
    }
    client.setRetry(Set.of(), 0L, 0);
    return new S3Connection(address, credentials, client, limits);
  }

  S3Address address() {
    return address;
  }

  S3Limits limits() {
    return limits;
  }

  /** Where the credentials come from, for messages. */
  String credentialsSource() {
    return credentials.source();
  }

  /** One exchange: a request and all of its answer, the body too. */
  interface Exchange<T> {
    T with(MinioAsyncClient client) throws Exception;
  }

  /** Carries an exchange out, for as long as the server is borne with. */
  <T> T call(Exchange<T> exchange) throws S3Exception, StoreException {
    return call(exchange, limits.patience());
  }

  /** Carries the first exchange of all out. */
  <T> T firstCall(Exchange<T> exchange) throws S3Exception, StoreException {
    return call(exchange, limits.openPatience());
  }

  private <T> T call(Exchange<T> exchange, Duration patience) throws S3Exception, StoreException {
    long deadline = System.nanoTime() + patience.toNanos();
    long pause = limits.firstPause().toNanos();
    for (int attempt = 1; ; attempt++) {
      try {
        return exchange.with(client);
      } catch (StoreException e) {
        // no failure of the server's: a file that cannot be read, an object that is too large
        throw e;
      } catch (InterruptedException | InterruptedIOException e) {
        if (e instanceof InterruptedException || Thread.currentThread().isInterrupted()) {
          throw interrupted(e);
        }
        requireAnotherTry(e, attempt, deadline);
      } catch (Exception e) {
        requireAnotherTry(e, attempt, deadline);
      }
      long left = Math.max(0, deadline - System.nanoTime());
      rest(Math.min(left, pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1)));
      pause = Math.min(2 * pause, LONGEST_PAUSE.toNanos());
    }
  }

  private static void requireAnotherTry(Exception failure, int attempt, long deadline)
      throws S3Exception {
    S3Exception sorted =
        S3Exception.of(failure)
            .orElseThrow(
                () -> new IllegalStateException("A request to the store cannot be made", failure));
    if (sorted.kind() != S3Exception.Kind.TRANSIENT || System.nanoTime() >= deadline) {
      throw sorted.after(attempt);
    }
  }

  private void rest(long nanos) throws StoreException {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private StoreException interrupted(Exception e) {
    Thread.currentThread().interrupt();
    return new StoreException("The request to the store " + address + " was interrupted", e);
  }

  /** Waits for an answer; the failure is the client's own, not one that wraps it. */
  static <T> T await(CompletableFuture<T> answer) throws Exception {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }
}
