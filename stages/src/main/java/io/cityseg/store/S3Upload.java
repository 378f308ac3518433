package io.cityseg.store;

import io.minio.AbortMultipartUploadArgs;
import io.minio.CompleteMultipartUploadArgs;
import io.minio.CreateMultipartUploadArgs;
import io.minio.HeadObjectArgs;
import io.minio.Http;
import io.minio.PutObjectAPIArgs;
import io.minio.UploadPartArgs;
import io.minio.messages.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates objects that must not be there yet ({@code If-None-Match: *}): in one request, or in
 * parts of which the completion carries the condition, so that the guarantee is the same.
 *
 * <p>A creation that was repeated may meet its own object: each one leaves a random mark in the
 * object's metadata, by which it knows it again. Uploads that fail are aborted; what a killed
 * process leaves behind costs storage until a lifecycle rule of the bucket removes it (see
 * infra/s3). Thread-safe.
 */
final class S3Upload {
  private static final Logger LOG = LoggerFactory.getLogger(S3Upload.class);
  private static final String MARK = "x-amz-meta-cityseg-writer";
  private static final Map<String, String> IF_ABSENT = Map.of("If-None-Match", "*");

  /** Servers take at most 10,000 parts. */
  private static final long MAX_PARTS = 10_000;

  private final S3Connection connection;
  private final S3Requests requests;

  S3Upload(S3Connection connection, S3Requests requests) {
    this.connection = connection;
    this.requests = requests;
  }

  /** Creates an object; false when there is one already. */
  boolean create(String key, S3Content content) throws S3Exception, StoreException {
    String mark = UUID.randomUUID().toString();
    try {
      if (content.size() <= connection.limits().partBytes()) {
        put(key, content, mark);
      } else {
        putInParts(key, content, mark);
      }
      return true;
    } catch (S3Exception e) {
      boolean ambiguous =
          e.attempts() > 1
              && (e.kind() == S3Exception.Kind.CONDITION_FAILED || e.code().equals("NoSuchUpload"));
      if (ambiguous && isMarked(key, mark)) {
        return true;
      }
      if (e.kind() == S3Exception.Kind.CONDITION_FAILED) {
        return false;
      }
      throw e;
    }
  }

  private void put(String key, S3Content content, String mark) throws S3Exception, StoreException {
    connection.call(
        client ->
            content.send(
                0,
                content.size(),
                slice -> {
                  Http.Headers headers = slice.checks();
                  headers.put(MARK, mark);
                  return S3Connection.await(
                      client.putObject(
                          slice
                              .body(PutObjectAPIArgs.builder())
                              .bucket(bucket())
                              .object(key)
                              .headers(headers)
                              .extraHeaders(IF_ABSENT)
                              .build()));
                }));
  }

  private void putInParts(String key, S3Content content, String mark)
      throws S3Exception, StoreException {
    String id = begin(key, new Http.Headers(MARK, mark));
    try {
      complete(key, id, parts(key, id, content));
    } catch (S3Exception | StoreException | RuntimeException e) {
      abort(key, id);
      throw e;
    }
  }

  private List<Part> parts(String key, String id, S3Content content)
      throws S3Exception, StoreException {
    long size =
        Math.max(connection.limits().partBytes(), (content.size() + MAX_PARTS - 1) / MAX_PARTS);
    List<S3Requests.Request<Part>> sends = new ArrayList<>();
    for (long offset = 0; offset < content.size(); offset += size) {
      long from = offset;
      int number = sends.size() + 1;
      sends.add(() -> part(key, id, number, content, from, Math.min(size, content.size() - from)));
    }
    return requests.all(sends);
  }

  private Part part(String key, String id, int number, S3Content content, long offset, long length)
      throws S3Exception, StoreException {
    return connection.call(
        client ->
            content.send(
                offset,
                length,
                slice ->
                    new Part(
                        number,
                        S3Connection.await(
                                client.uploadPart(
                                    slice
                                        .body(UploadPartArgs.builder())
                                        .bucket(bucket())
                                        .object(key)
                                        .uploadId(id)
                                        .partNumber(number)
                                        .headers(slice.checks())
                                        .build()))
                            .part()
                            .etag())));
  }

  private String begin(String key, Http.Headers headers) throws S3Exception, StoreException {
    return connection.call(
        client ->
            S3Connection.await(
                    client.createMultipartUpload(
                        CreateMultipartUploadArgs.builder()
                            .bucket(bucket())
                            .object(key)
                            .headers(headers)
                            .build()))
                .result()
                .uploadId());
  }

  private void complete(String key, String id, List<Part> parts)
      throws S3Exception, StoreException {
    connection.call(
        client ->
            S3Connection.await(
                client.completeMultipartUpload(
                    CompleteMultipartUploadArgs.builder()
                        .bucket(bucket())
                        .object(key)
                        .uploadId(id)
                        .parts(parts.toArray(Part[]::new))
                        .maxRetries(1)
                        .extraHeaders(IF_ABSENT)
                        .build())));
  }

  /** Frees what was sent. An upload that cannot be aborted is one more for the lifecycle rule. */
  private void abort(String key, String id) throws StoreException {
    try {
      connection.firstCall(
          client ->
              S3Connection.await(
                  client.abortMultipartUpload(
                      AbortMultipartUploadArgs.builder()
                          .bucket(bucket())
                          .object(key)
                          .uploadId(id)
                          .build())));
    } catch (S3Exception e) {
      // completed or aborted before: there is nothing left to free
      if (!e.code().equals("NoSuchUpload") && e.kind() != S3Exception.Kind.ABSENT) {
        LOG.warn("The unfinished upload of {} could not be removed: {}", key, e.getMessage());
      }
    }
  }

  private boolean isMarked(String key, String mark) throws S3Exception, StoreException {
    try {
      return mark.equals(
          connection.call(
              client ->
                  S3Connection.await(
                          client.headObject(
                              HeadObjectArgs.builder().bucket(bucket()).object(key).build()))
                      .headers()
                      .get(MARK)));
    } catch (S3Exception e) {
      if (e.kind() == S3Exception.Kind.ABSENT) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Tries out whether the server keeps the condition, with an object that is never removed. When it
   * is there already, which is so for all but the first user of a store, this is one request.
   *
   * @return false when the server ignores the condition or does not know it
   */
  boolean keepsCondition(String probe) throws S3Exception, StoreException {
    for (int attempt = 0; attempt < 2; attempt++) {
      try {
        connection.firstCall(
            client ->
                new S3Content.Bytes(new byte[0])
                    .send(
                        0,
                        0,
                        slice ->
                            S3Connection.await(
                                client.putObject(
                                    slice
                                        .body(PutObjectAPIArgs.builder())
                                        .bucket(bucket())
                                        .object(probe)
                                        .headers(slice.checks())
                                        .extraHeaders(IF_ABSENT)
                                        .build()))));
      } catch (S3Exception e) {
        return isKept(e);
      }
    }
    return false;
  }

  /** The same for the completion of an upload in parts; the probe must be there. */
  boolean keepsConditionOfParts(String probe) throws S3Exception, StoreException {
    String id = begin(probe, new Http.Headers());
    try {
      complete(probe, id, List.of(part(probe, id, 1, new S3Content.Bytes(new byte[1]), 0, 1)));
      return false;
    } catch (S3Exception e) {
      abort(probe, id);
      return isKept(e);
    }
  }

  private static boolean isKept(S3Exception e) throws S3Exception {
    if (e.kind() == S3Exception.Kind.CONDITION_FAILED) {
      return true;
    }
    if (e.status() == 501 || e.code().equals("NotImplemented")) {
      return false;
    }
    throw e;
  }

  private String bucket() {
    return connection.address().bucket();
  }
}
