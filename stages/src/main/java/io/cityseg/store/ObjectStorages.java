package io.cityseg.store;

import java.lang.ref.WeakReference;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Opens a store by its address. */
public final class ObjectStorages {
  /** A single letter before the colon is a Windows drive, not a scheme. */
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

  private static final String FILE = "file:";

  /**
   * Buckets in use by this process. Beam makes an object of each of its functions for every thread;
   * with a connection pool, a cache and a trial of the server's conditions of its own each, a
   * worker would have a hundred of them. They go when nobody uses them any more.
   */
  private static final Map<String, WeakReference<S3Objects>> BUCKETS = new HashMap<>();

  private ObjectStorages() {}

  /**
   * Opens a store for reading and writing; a directory is made when there is none. The same bucket
   * opened twice is the same object.
   *
   * @param uri a directory's path, a {@code file:} URI, or {@code s3://bucket/prefix} with settings
   *     (see {@link S3Address})
   * @throws StoreException when it is none of these, or cannot be used
   */
  public static ObjectStorage open(String uri) throws StoreException {
    return S3Address.isOne(uri) ? bucket(uri, true) : LocalObjects.open(directory(uri));
  }

  /**
   * Opens a store that is only read from: the permission to write is not needed. A directory that
   * can be written is opened as {@link #open} does; of any other store, what turns out to be
   * damaged is left out and not removed.
   *
   * @throws StoreException when there is no such store, or it cannot be read
   */
  public static ObjectStorage openForReading(String uri) throws StoreException {
    if (S3Address.isOne(uri)) {
      return new ScratchObjects(bucket(uri, false));
    }
    Path directory = directory(uri);
    if (LocalObjects.isWritable(directory)) {
      return LocalObjects.open(directory);
    }
    return new ScratchObjects(LocalObjects.openForReading(directory));
  }

  private static S3Objects bucket(String uri, boolean writing) throws StoreException {
    S3Address address = S3Address.parse(uri).withDefaults(System::getenv);
    String key = (writing ? "write " : "read ") + address.uri();
    synchronized (BUCKETS) {
      WeakReference<S3Objects> known = BUCKETS.get(key);
      S3Objects open = known == null ? null : known.get();
      if (open == null) {
        open = writing ? S3Objects.open(address) : S3Objects.openForReading(address);
        BUCKETS.put(key, new WeakReference<>(open));
      }
      return open;
    }
  }

  private static Path directory(String uri) throws StoreException {
    if (uri.isBlank() || uri.equals(FILE)) {
      throw new StoreException("The store's address is empty: give a directory or s3://bucket");
    }
    try {
      return path(uri);
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new StoreException("Invalid store '%s': %s".formatted(uri, e.getMessage()), e);
    }
  }

  private static Path path(String uri) throws StoreException, URISyntaxException {
    if (uri.startsWith(FILE + "//")) {
      return Path.of(new URI(uri));
    }
    if (uri.startsWith(FILE)) {
      return Path.of(uri.substring(FILE.length()));
    }
    if (SCHEME.matcher(uri).matches()) {
      throw new StoreException(
          "Unknown store '%s': a store is a directory, or s3://bucket/prefix"
              .formatted(withoutUser(uri)));
    }
    return Path.of(uri);
  }

  /** What stands before '@' may be a password. */
  private static String withoutUser(String uri) {
    return uri.replaceFirst("//[^/@]*@", "//***@");
  }
}
