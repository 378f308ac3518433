package io.cityseg.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Opens a store by its address. */
public final class ObjectStorages {
  /** A single letter before the colon is a Windows drive, not a scheme. */
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

  private static final String FILE = "file:";

  private ObjectStorages() {}

  /**
   * Opens a store.
   *
   * @param uri a directory's path, or a {@code file:} URI
   * @throws StoreException when it is neither, or the directory cannot be used
   */
  public static ObjectStorage open(String uri) throws StoreException {
    if (uri.isBlank() || uri.equals(FILE)) {
      throw new StoreException("The store's address is empty: give a directory");
    }
    try {
      return LocalObjects.open(path(uri));
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
          "Unknown store '%s': only a directory can be used as a store".formatted(uri));
    }
    return Path.of(uri);
  }
}
