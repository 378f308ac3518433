package io.cityseg.store;

import io.cityseg.store.S3Objects.ObjectVersion;
import io.minio.ListObjectsV2Args;
import io.minio.messages.Contents;
import io.minio.messages.ListBucketResultV2;
import java.time.Instant;
import java.util.function.Consumer;

/** Lists the objects of a store in a bucket, a thousand a request. */
final class S3Listing {
  private static final int PAGE = 1000;

  private final S3Connection connection;

  S3Listing(S3Connection connection) {
    this.connection = connection;
  }

  /**
   * Objects below a prefix, all of them when it is empty, in the server's order; a page is held.
   */
  void each(String prefix, Consumer<ObjectVersion> found) throws S3Exception, StoreException {
    String own = connection.address().key("");
    String start = prefix.isEmpty() ? own : own + ObjectNames.require(prefix) + "/";
    String next = null;
    do {
      String token = next;
      ListBucketResultV2 page =
          connection.call(
              client ->
                  S3Connection.await(client.listObjectsV2(page(start, token, PAGE))).result());
      for (Contents item : page.contents()) {
        String name =
            item.objectName().startsWith(own) ? item.objectName().substring(own.length()) : "";
        // what others put into the bucket is no object of this store
        if (ObjectNames.isValid(name)) {
          found.accept(
              new ObjectVersion(
                  name,
                  item.size(),
                  String.valueOf(item.etag()),
                  item.lastModified() == null ? Instant.EPOCH : item.lastModified().toInstant()));
        }
      }
      next = page.isTruncated() ? page.nextContinuationToken() : null;
    } while (next != null && !next.isEmpty());
  }

  /** Asks for one name: shows that the bucket is there and may be read. */
  void requireListable() throws S3Exception, StoreException {
    connection.firstCall(
        client ->
            S3Connection.await(
                client.listObjectsV2(page(connection.address().key("runs/"), null, 1))));
  }

  private ListObjectsV2Args page(String start, String token, int keys) {
    ListObjectsV2Args.Builder page =
        ListObjectsV2Args.builder()
            .bucket(connection.address().bucket())
            .prefix(start)
            .encodingType("url")
            .maxKeys(keys);
    return (token == null ? page : page.continuationToken(token)).build();
  }
}
