package io.cityseg.store;

import io.cityseg.files.FileFailures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/** Makes HTTP clients for object stores. */
final class S3Http {
  /**
   * An exchange may be slow, but a part of 16 MiB that takes longer than this is as good as lost.
   */
  private static final Duration LONGEST_EXCHANGE = Duration.ofMinutes(10);

  /**
   * Under way at once; as many connections wait for the next request, since each costs a handshake.
   */
  private static final int MAX_REQUESTS = 64;

  /** Servers close what is idle for longer, some sooner. */
  private static final Duration LONGEST_IDLE = Duration.ofMinutes(1);

  private S3Http() {}

  /**
   * A client that repeats nothing and follows no redirection by itself: a signed request is for one
   * host.
   *
   * @param ca the certificates that are trusted in place of Java's own
   */
  static OkHttpClient client(Optional<Path> ca, S3Limits limits, Dns dns) throws StoreException {
    // daemons: an idle connection must not keep the program from ending
    Dispatcher dispatcher =
        new Dispatcher(
            new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                10,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                task -> {
                  Thread thread = new Thread(task, "cityseg-s3");
                  thread.setDaemon(true);
                  return thread;
                }));
    dispatcher.setMaxRequests(MAX_REQUESTS);
    dispatcher.setMaxRequestsPerHost(MAX_REQUESTS);
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .dispatcher(dispatcher)
            .dns(dns)
            .socketFactory(new UndelayedSockets())
            .connectionPool(
                new ConnectionPool(MAX_REQUESTS, LONGEST_IDLE.toSeconds(), TimeUnit.SECONDS))
            .protocols(List.of(Protocol.HTTP_1_1))
            .connectTimeout(limits.timeout())
            .readTimeout(limits.timeout())
            .writeTimeout(limits.timeout())
            .callTimeout(LONGEST_EXCHANGE)
            .retryOnConnectionFailure(false)
            .followRedirects(false)
            .followSslRedirects(false);
    if (ca.isPresent()) {
      trust(builder, ca.get());
    }
    return builder.build();
  }

  private static void trust(OkHttpClient.Builder builder, Path ca) throws StoreException {
    try {
      X509TrustManager manager = trustManager(ca);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {manager}, null);
      builder.sslSocketFactory(context.getSocketFactory(), manager);
    } catch (IOException e) {
      throw new StoreException(
          "Cannot read the certificates in %s: %s; every machine that uses the store needs the file"
              .formatted(ca, FileFailures.reason(e)),
          e);
    } catch (GeneralSecurityException e) {
      throw new StoreException(
          "Cannot use %s as trusted certificates: %s; it must hold certificates in PEM form"
              .formatted(ca, e.getMessage()),
          e);
    }
  }

  private static X509TrustManager trustManager(Path ca)
      throws IOException, GeneralSecurityException {
    Collection<? extends Certificate> certificates;
    try (InputStream in = Files.newInputStream(ca)) {
      certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
    if (certificates.isEmpty()) {
      throw new GeneralSecurityException("it holds none");
    }
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    int number = 0;
    for (Certificate certificate : certificates) {
      trusted.setCertificateEntry("ca-" + number++, certificate);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager x509) {
        return x509;
      }
    }
    throw new GeneralSecurityException("this Java has no trust manager for X.509");
  }
}
