package io.cityseg.scan;

import static java.util.Objects.requireNonNull;

import io.cityseg.store.Digest;
import io.cityseg.store.S3Address;
import io.cityseg.store.S3Objects;
import io.cityseg.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A data set in a bucket. Objects are read as streams; none is kept on this machine. */
final class SourceBucket implements SourcePlace {
  /** Requests wait for the network, so there are more than processors. */
  private static final int READERS = 16;

  private static final List<String> PARTS = List.of("gtFine", "leftImg8bit");

  private final String uri;
  private final S3Objects objects;

  private SourceBucket(String uri, S3Objects objects) {
    this.uri = requireNonNull(uri, "uri");
    this.objects = requireNonNull(objects, "objects");
  }

  /** Opens the objects below {@code s3://bucket/prefix}. */
  static SourceBucket open(String address) throws DataFolderException {
    try {
      String uri = S3Address.parse(address).withDefaults(System::getenv).uri();
      return new SourceBucket(uri, S3Objects.openForReading(S3Address.parse(uri)));
    } catch (StoreException e) {
      throw unlisted(e);
    }
  }

  @Override
  public String name() {
    return uri;
  }

  @Override
  public int readers() {
    return READERS;
  }

  @Override
  public void list(Listener listener) throws DataFolderException {
    AtomicLong found = new AtomicLong();
    try {
      for (String part : PARTS) {
        objects.eachVersion(
            part,
            object -> {
              listener.found(object.name(), FileVersion.of(object));
              found.incrementAndGet();
            });
      }
    } catch (StoreException e) {
      throw unlisted(e);
    }
    if (found.get() == 0) {
      throw new DataFolderException(
          "%s is no data set: there is nothing below leftImg8bit/ and gtFine/; correct the prefix"
              .formatted(objects.location()));
    }
  }

  private static DataFolderException unlisted(StoreException e) {
    return new DataFolderException("Cannot list the data set: " + e.getMessage(), e);
  }

  @Override
  public Content read(FoundFile file) throws DataFolderException {
    try {
      InputStream content =
          objects
              .open(file.path())
              .orElseThrow(
                  () ->
                      new StoreException(
                          "%s was deleted from %s while it was read; run again"
                              .formatted(file.path(), objects.location())));
      try (content) {
        return new Content(Digest.of(content), file.version().size(), true);
      }
    } catch (StoreException | IOException e) {
      throw new DataFolderException("Cannot read an object of the data set: " + e.getMessage(), e);
    }
  }
}
