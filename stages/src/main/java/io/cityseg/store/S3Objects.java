package io.cityseg.store;

import static java.util.Objects.requireNonNull;

import io.minio.HeadObjectArgs;
import io.minio.HeadObjectResponse;
import io.minio.PutObjectAPIArgs;
import io.minio.RemoveObjectArgs;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import okhttp3.Dns;

/**
 * Objects in a bucket of an S3 server: object {@code a/b} is {@code <prefix>/a/b}.
 *
 * <p><b>Exactly one creator wins</b> because every creation is conditional ({@link S3Upload}); a
 * server that ignores the condition is refused when the store is opened. <b>What is read is
 * whole</b>: an answer that ends early is fetched again. A blob that does not match its digest is
 * fetched once more before it counts as damaged, since bytes can be damaged on the way. Blobs that
 * were read are kept on the machine's disk ({@link BlobCache}).
 *
 * <p>{@link #check} does not read: a blob was checked against its digest by the server when it was
 * sent, so one that is there with the right size is taken as good until it is read. Names seen are
 * remembered for half a minute ({@link SeenObjects}).
 *
 * <p>Safe for use by any number of threads, processes and machines; relies on the strong
 * consistency of reads after writes that Amazon S3 and MinIO promise. What is deliberately not
 * done: renaming, locking, and waiting for eventual consistency.
 */
public final class S3Objects implements ObjectStorage {
  /** Only shows whether conditions are kept; in the part of the names that is no object's. */
  private static final String PROBE = "tmp/conditional-put";

  /** Above this an object is asked for first, which costs less than sending it in vain. */
  private static final long ASK_FIRST_BYTES = 1L << 20;

  /** Bytes of a cached object that is small enough to be read in one piece. */
  private static final long MAX_CACHED_READ_BYTES = 16L << 20;

  /** A list request a second costs 0.02 dollars an hour of Amazon, and less than 1 % of a core. */
  private static final Duration PACE = Duration.ofSeconds(1);

  private final S3Connection connection;
  private final S3Requests requests;
  private final S3Upload upload;
  private final S3Download download;
  private final S3Listing listing;
  private final BlobCache cache;
  private final SeenObjects seen = new SeenObjects();
  private boolean partsProbed;

  private S3Objects(S3Connection connection, BlobCache cache) {
    this.connection = connection;
    this.cache = cache;
    this.requests = new S3Requests(connection.limits().parallelRequests());
    this.upload = new S3Upload(connection, requests);
    this.download = new S3Download(connection, requests);
    this.listing = new S3Listing(connection);
  }

  /**
   * Opens a store for reading and writing.
   *
   * @param address endpoint and region come from the environment where it does not say them
   * @throws StoreException when the bucket cannot be used, or its server ignores conditions
   */
  public static S3Objects open(S3Address address) throws StoreException {
    return open(address, S3Limits.DEFAULT, Dns.SYSTEM, System::getenv, true);
  }

  /** Opens a store that is only read from: credentials that cannot write are enough. */
  public static S3Objects openForReading(S3Address address) throws StoreException {
    return open(address, S3Limits.DEFAULT, Dns.SYSTEM, System::getenv, false);
  }

  static S3Objects open(
      S3Address address,
      S3Limits limits,
      Dns dns,
      UnaryOperator<String> environment,
      boolean writing)
      throws StoreException {
    S3Address full = requireNonNull(address, "address").withDefaults(environment);
    Optional<Path> ca =
        full.ca().or(() -> S3Address.variable(environment, "AWS_CA_BUNDLE").map(Path::of));
    S3Limits own = limits.withPatienceOf(environment);
    S3Connection connection =
        S3Connection.of(
            full, S3Credentials.of(full.credentials()), S3Http.client(ca, own, dns), own);
    BlobCache cache =
        BlobCache.open(
            full.cache()
                .or(() -> S3Address.variable(environment, "CITYSEG_CACHE_DIR").map(Path::of))
                .orElseGet(BlobCache::shared),
            full.cacheBytes()
                .or(
                    () ->
                        S3Address.variable(environment, "CITYSEG_CACHE_SIZE").map(ByteSize::parse))
                .orElse(S3Address.DEFAULT_CACHE_BYTES));
    S3Objects objects = new S3Objects(connection, cache);
    if (writing) {
      objects.requireConditions();
    } else {
      objects.requireReadable();
    }
    return objects;
  }

  private void requireConditions() throws StoreException {
    try {
      if (!upload.keepsCondition(key(PROBE))) {
        throw new StoreException(
            "Cannot use %s as a store: the server ignores If-None-Match, so two runs could overwrite each other's results; use a server that keeps it (Amazon S3, MinIO)"
                .formatted(location()));
      }
    } catch (S3Exception e) {
      throw failure("Cannot use the store", e);
    }
  }

  private void requireReadable() throws StoreException {
    try {
      listing.requireListable();
    } catch (S3Exception e) {
      throw failure("Cannot read the store", e);
    }
  }

  @Override
  public boolean createIfAbsent(String name, byte[] content) throws StoreException {
    return create(name, new S3Content.Bytes(content));
  }

  @Override
  public boolean createIfAbsent(String name, Path content) throws StoreException {
    ObjectNames.require(name);
    return create(name, S3Content.File.of(content, name));
  }

  private boolean create(String name, S3Content content) throws StoreException {
    String key = key(ObjectNames.require(name));
    if (content.size() > ASK_FIRST_BYTES && stat(name).isPresent()) {
      return false;
    }
    try {
      if (content.size() > connection.limits().partBytes()) {
        requireConditionsOfParts();
      }
      boolean created = upload.create(key, content);
      if (created) {
        seen.add(new ObjectEntry(name, content.size()));
      }
      return created;
    } catch (S3Exception e) {
      throw failure("Cannot write %s (%d bytes) to the store".formatted(name, content.size()), e);
    }
  }

  /** Tried out before the first large object, since most uses of a store write none. */
  private synchronized void requireConditionsOfParts() throws S3Exception, StoreException {
    if (!partsProbed && !upload.keepsConditionOfParts(key(PROBE))) {
      throw new StoreException(
          "Cannot write large objects to %s: the server ignores If-None-Match when an upload in parts is completed; use a newer server (MinIO of 2024-10 or later, Amazon S3)"
              .formatted(location()));
    }
    partsProbed = true;
  }

  @Override
  public void replace(String name, byte[] content) throws StoreException {
    String key = key(ObjectNames.require(name));
    try {
      connection.call(
          client ->
              new S3Content.Bytes(content)
                  .send(
                      0,
                      content.length,
                      slice ->
                          S3Connection.await(
                              client.putObject(
                                  slice
                                      .body(PutObjectAPIArgs.builder())
                                      .bucket(bucket())
                                      .object(key)
                                      .headers(slice.checks())
                                      .build()))));
      seen.add(new ObjectEntry(name, content.length));
    } catch (S3Exception e) {
      throw failure("Cannot write %s (%d bytes) to the store".formatted(name, content.length), e);
    }
  }

  @Override
  public Optional<byte[]> read(String name, long limit) throws StoreException {
    Optional<Digest> digest = ArtifactStore.digestOf(ObjectNames.require(name));
    if (digest.isPresent()) {
      Optional<byte[]> cached = cache.read(digest.get(), Math.min(limit, MAX_CACHED_READ_BYTES));
      if (cached.isPresent()) {
        return cached;
      }
    }
    Optional<byte[]> content = fetch(name, limit);
    if (digest.isEmpty() || content.isEmpty()) {
      return content;
    }
    boolean matches = Digest.of(content.get()).equals(digest.get());
    if (!matches) {
      content = fetch(name, limit);
      matches = content.isPresent() && Digest.of(content.get()).equals(digest.get());
    }
    if (matches && content.get().length <= MAX_CACHED_READ_BYTES) {
      cache.offer(digest.get(), content.get());
    }
    return content;
  }

  private Optional<byte[]> fetch(String name, long limit) throws StoreException {
    try {
      return Optional.of(
          download.read(key(name), name, Math.min(limit, ArtifactStore.MAX_IN_MEMORY_BYTES)));
    } catch (S3Exception e) {
      return absent(name, "Cannot read %s from the store".formatted(name), e);
    }
  }

  @Override
  public Optional<InputStream> open(String name) throws StoreException {
    String key = key(ObjectNames.require(name));
    try {
      return Optional.of(S3Stream.open(download, key, connection));
    } catch (S3Exception e) {
      return absent(name, "Cannot read %s from the store".formatted(name), e);
    }
  }

  @Override
  public Optional<ObjectEntry> stat(String name) throws StoreException {
    String key = key(ObjectNames.require(name));
    try {
      HeadObjectResponse answer =
          connection.call(
              client ->
                  S3Connection.await(
                      client.headObject(
                          HeadObjectArgs.builder().bucket(bucket()).object(key).build())));
      ObjectEntry entry = new ObjectEntry(name, answer.size());
      seen.add(entry);
      return Optional.of(entry);
    } catch (S3Exception e) {
      return absent(name, "Cannot look for %s in the store".formatted(name), e);
    }
  }

  @Override
  public Optional<Checked> check(String name, Digest expected) throws StoreException {
    Optional<ObjectEntry> known = seen.find(name);
    return (known.isPresent() ? known : stat(name))
        .map(entry -> new Checked(expected, entry.size()));
  }

  @Override
  public <T> List<T> sendAll(List<Request<T>> all) throws StoreException {
    try {
      return requests.all(all.stream().<S3Requests.Request<T>>map(one -> one::send).toList());
    } catch (S3Exception e) {
      throw failure("Cannot send %d requests to the store".formatted(all.size()), e);
    }
  }

  @Override
  public void lookAhead(Collection<String> names) throws StoreException {
    List<Request<Optional<ObjectEntry>>> looks =
        names.stream()
            .filter(name -> seen.find(name).isEmpty())
            .<Request<Optional<ObjectEntry>>>map(name -> () -> stat(name))
            .toList();
    if (looks.size() > 1) {
      sendAll(looks);
    }
  }

  @Override
  public List<ObjectEntry> list(String prefix) throws StoreException {
    return versions(prefix).stream()
        .map(version -> new ObjectEntry(version.name(), version.size()))
        .toList();
  }

  @Override
  public List<ObjectState> states(String prefix) throws StoreException {
    return versions(prefix).stream()
        .map(version -> new ObjectState(version.name(), version.size(), version.etag()))
        .toList();
  }

  @Override
  public Duration pace() {
    return PACE;
  }

  /** As {@link #list}, with what tells one version of an object from another. */
  public List<ObjectVersion> versions(String prefix) throws StoreException {
    List<ObjectVersion> found = new ArrayList<>();
    eachVersion(prefix, found::add);
    found.sort(Comparator.comparing(ObjectVersion::name));
    return List.copyOf(found);
  }

  /**
   * As {@link #versions}, one by one in the server's order, which is that of names at Amazon and
   * MinIO: no more than a page of a thousand is in memory. An object that is replaced, made or
   * deleted meanwhile is told of as it was or as it is.
   */
  public void eachVersion(String prefix, Consumer<ObjectVersion> found) throws StoreException {
    try {
      listing.each(prefix, found);
    } catch (S3Exception e) {
      throw failure("Cannot list '%s' in the store".formatted(prefix), e);
    }
  }

  /**
   * An object as it is at the moment.
   *
   * @param etag changes whenever the content does
   */
  public record ObjectVersion(String name, long size, String etag, Instant modifiedAt) {}

  @Override
  public boolean delete(String name) throws StoreException {
    boolean there = stat(name).isPresent();
    seen.remove(name);
    if (!there) {
      return false;
    }
    try {
      connection.call(
          client ->
              S3Connection.await(
                  client.removeObject(
                      RemoveObjectArgs.builder().bucket(bucket()).object(key(name)).build())));
      return true;
    } catch (S3Exception e) {
      throw failure("Cannot delete %s from the store".formatted(name), e);
    }
  }

  @Override
  public Optional<VerifiedFile> file(String name, Digest expected) throws StoreException {
    String key = key(ObjectNames.require(name));
    Optional<Path> cached = cache.hold(expected);
    if (cached.isPresent()) {
      return Optional.of(new VerifiedFile(cached.get(), expected, true));
    }
    try {
      return Optional.of(new BlobFetch(download, cache).fetch(key, name, expected));
    } catch (S3Exception e) {
      return absent(name, "Cannot fetch %s from the store".formatted(name), e);
    }
  }

  @Override
  public String location() {
    return connection.address().toString();
  }

  /** Nothing, when a failure says that the object is not there. */
  private <T> Optional<T> absent(String name, String doing, S3Exception e) throws StoreException {
    if (e.kind() == S3Exception.Kind.ABSENT && !e.code().equals("NoSuchBucket")) {
      seen.remove(name);
      return Optional.empty();
    }
    throw failure(doing, e);
  }

  private StoreException failure(String doing, S3Exception e) {
    return S3Failures.of(connection, doing, e);
  }

  private String key(String name) {
    return connection.address().key(name);
  }

  private String bucket() {
    return connection.address().bucket();
  }
}
