package io.cityseg.store;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import okhttp3.Dns;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/** A real S3 server in this JVM, over a folder of the test. */
public final class S3Server {
  public static final String BUCKET = "cityseg-test";
  public static final String ACCESS_KEY = "local-identity";

  private final S3Proxy proxy;
  private final Path folder;
  private final boolean secure;
  private final String secret;

  private S3Server(S3Proxy proxy, Path folder, boolean secure, String secret) {
    this.proxy = proxy;
    this.folder = folder;
    this.secure = secure;
    this.secret = secret;
  }

  /** A server with an empty bucket; {@code tls} makes it speak https, as a host of its own name. */
  public static S3Server start(Path folder, Optional<SSLContext> tls, String secret)
      throws Exception {
    Path objects = Files.createDirectories(folder.resolve("s3proxy").resolve(BUCKET)).getParent();
    S3Proxy.Builder builder =
        S3Proxy.builder()
            .blobStore(new FilesystemNio2BlobStore(objects.toString()))
            .awsAuthentication(
                secret.isEmpty() ? AuthenticationType.NONE : AuthenticationType.AWS_V2_OR_V4,
                ACCESS_KEY,
                secret)
            .stopTimeout(0)
            .ignoreUnknownHeaders(true);
    if (tls.isPresent()) {
      builder
          .secureEndpoint(URI.create("https://127.0.0.1:0"))
          .sslContext(tls.get())
          .virtualHost("localhost");
    } else {
      builder.endpoint(URI.create("http://127.0.0.1:0"));
    }
    S3Proxy proxy = builder.build();
    proxy.start();
    return new S3Server(proxy, folder, tls.isPresent(), secret);
  }

  /** A server that takes requests without looking at their signatures. */
  static S3Server startOpen(Path folder) throws Exception {
    return start(folder, Optional.empty(), "");
  }

  public static S3Server start(Path folder) throws Exception {
    return start(folder, Optional.empty(), "local-secret");
  }

  public int port() {
    return secure ? proxy.getSecurePort() : proxy.getPort();
  }

  public String endpoint() {
    return (secure ? "https://localhost:" : "http://127.0.0.1:") + port();
  }

  /** A store in the bucket, of which the credentials are in a file and the cache in a folder. */
  public S3Address address() throws Exception {
    return address(endpoint());
  }

  /** Another store in the bucket. */
  S3Address address(int store) throws Exception {
    S3Address first = address();
    return new S3Address(
        first.bucket(),
        "store-" + store,
        first.endpoint(),
        first.region(),
        first.addressing(),
        first.ca(),
        first.credentials(),
        first.cache(),
        first.cacheBytes());
  }

  /** Where the server keeps the objects of {@link #address(int)}. */
  static Path folderOf(Path serverFolder, int store) {
    return serverFolder.resolve("s3proxy").resolve(BUCKET).resolve("store-" + store);
  }

  /** The same by way of another endpoint. */
  S3Address address(String endpoint) throws Exception {
    Path credentials = folder.resolve("credentials-" + secret);
    Files.writeString(
        credentials,
        "[default]%naws_access_key_id = %s%naws_secret_access_key = %s%n"
            .formatted(ACCESS_KEY, secret.isEmpty() ? "any" : secret));
    return new S3Address(
        BUCKET,
        "a/store",
        Optional.of(endpoint),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(credentials),
        Optional.of(folder.resolve("cache")),
        Optional.empty());
  }

  /** Limits under which a test of failures takes no longer than it must. */
  static S3Limits quick() {
    return S3Limits.DEFAULT
        .withPartBytes(S3Limits.MIN_PART_BYTES)
        .withPatience(Duration.ofSeconds(2), Duration.ofMillis(5), Duration.ofSeconds(2));
  }

  static S3Objects open(S3Address address) throws StoreException {
    return S3Objects.open(address, quick(), LOOPBACK, name -> null, true);
  }

  /** Every name is this machine: {@code bucket.localhost} need not be in any file. */
  static final Dns LOOPBACK =
      host -> {
        if (!host.endsWith("localhost") && !host.equals("127.0.0.1")) {
          throw new UnknownHostException(host);
        }
        return List.of(InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1}));
      };

  /** Stops it; its threads would outlive the test. */
  public void stop() throws Exception {
    proxy.stop();
  }
}
