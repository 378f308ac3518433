package io.cityseg.store;

import io.minio.errors.ErrorResponseException;
import io.minio.errors.InvalidResponseException;
import io.minio.errors.ServerException;
import java.io.IOException;
import java.security.ProviderException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * A request to an object store that did not succeed: what kind of failure, for the code that sent
 * it. {@link S3Failures} says it to people.
 *
 * <p>The client's own exceptions are not kept as causes of what is shown: their texts hold whole
 * requests with their headers, session tokens among them.
 */
final class S3Exception extends Exception {
  /** What a sender treats differently. */
  enum Kind {
    /** 404: no such object, bucket or upload; the code says which. */
    ABSENT,
    /** 412: the object is there although it must not be, or is not the one that was meant. */
    CONDITION_FAILED,
    /** Repeating it may help: 5xx, 408, 429, conflicts, resets, time-outs. */
    TRANSIENT,
    /** Repeating it does not help. */
    REFUSED,
    /** No credentials were found on this machine. */
    NO_CREDENTIALS,
    /** The server's certificate is not trusted, or it does not speak TLS. */
    TLS,
    /** Something answers that does not speak S3. */
    NOT_S3
  }

  /**
   * Names of errors that are worth another try whatever their status; 409 is how Amazon answers
   * conditional requests that cross.
   */
  private static final Set<String> TRANSIENT_CODES =
      Set.of(
          "InternalError",
          "SlowDown",
          "ServiceUnavailable",
          "RequestTimeout",
          "OperationAborted",
          "ConditionalRequestConflict",
          "RequestLimitExceeded",
          "Throttling",
          "ThrottlingException",
          "XMinioServerNotInitialized");

  private static final Pattern NON_XML_STATUS = Pattern.compile("Response code: ([0-9]{3})");

  private final Kind kind;
  private final int status;
  private final String code;
  private final int attempts;

  private S3Exception(Kind kind, int status, String code, String message, int attempts) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.code = code;
    this.attempts = attempts;
  }

  Kind kind() {
    return kind;
  }

  /** The HTTP status; 0 when there was no answer. */
  int status() {
    return status;
  }

  /** The error's name: "NoSuchKey"; empty when there was none. */
  String code() {
    return code;
  }

  /**
   * How often the request was sent. After more than once, an earlier one may have been carried out.
   */
  int attempts() {
    return attempts;
  }

  S3Exception after(int tries) {
    S3Exception same = new S3Exception(kind, status, code, getMessage(), tries);
    same.setStackTrace(getStackTrace());
    return same;
  }

  /** Sorts a failure; nothing when it is none of an object store's: a fault of this program. */
  static Optional<S3Exception> of(Throwable failure) {
    if (failure instanceof S3Exception known) {
      return Optional.of(known);
    }
    if (failure instanceof ErrorResponseException refused) {
      String code = refused.errorResponse().code();
      return Optional.of(
          ofStatus(
              refused.response().code(),
              code == null ? "" : code,
              refused.errorResponse().message(),
              refused.response().header("x-amz-bucket-region")));
    }
    if (failure instanceof ServerException server) {
      return Optional.of(ofStatus(server.statusCode(), "", "", null));
    }
    if (failure instanceof InvalidResponseException other) {
      return Optional.of(ofAnotherLanguage(other));
    }
    if (failure instanceof ProviderException missing) {
      return Optional.of(new S3Exception(Kind.NO_CREDENTIALS, 0, "", missing.getMessage(), 1));
    }
    if (failure instanceof IOException io) {
      return Optional.of(ofConnection(io));
    }
    if (failure.getCause() != null && failure.getCause() != failure) {
      return of(failure.getCause());
    }
    if (failure instanceof NullPointerException || failure instanceof NumberFormatException) {
      // the client reads headers that every object store sends without looking whether they are
      // there
      return Optional.of(
          new S3Exception(Kind.NOT_S3, 0, "", "its answer lacks what S3 prescribes", 1));
    }
    return Optional.empty();
  }

  private static S3Exception ofStatus(int status, String code, String message, String region) {
    Kind kind;
    if (status == 412 || code.equals("PreconditionFailed")) {
      kind = Kind.CONDITION_FAILED;
    } else if (status == 404) {
      kind = Kind.ABSENT;
    } else if (TRANSIENT_CODES.contains(code)
        || status == 408
        || status == 429
        || (status >= 500 && status != 501)) {
      kind = Kind.TRANSIENT;
    } else {
      kind = Kind.REFUSED;
    }
    String text = message == null ? "" : message;
    if (region != null && !text.contains(region)) {
      text += " (the bucket's region is " + region + ")";
    }
    return new S3Exception(kind, status, code, text, 1);
  }

  private static S3Exception ofAnotherLanguage(InvalidResponseException answer) {
    Matcher status = NON_XML_STATUS.matcher(String.valueOf(answer.getMessage()));
    int number = status.find() ? Integer.parseInt(status.group(1)) : 0;
    // proxies and load balancers answer with a page of their own while the server is away
    boolean passing = number == 408 || number == 429 || number >= 502;
    boolean plain = String.valueOf(answer.getMessage()).contains("HTTP request to an HTTPS server");
    if (plain) {
      return new S3Exception(Kind.TLS, number, "", "the server speaks https, not http", 1);
    }
    if (number == 412) {
      return new S3Exception(Kind.CONDITION_FAILED, number, "", "", 1);
    }
    return new S3Exception(
        passing ? Kind.TRANSIENT : Kind.NOT_S3,
        number,
        "",
        "it answers %d without an S3 error message".formatted(number),
        1);
  }

  private static S3Exception ofConnection(IOException failure) {
    String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    boolean tls =
        failure instanceof SSLHandshakeException
            || failure instanceof SSLPeerUnverifiedException
            || text.contains("Unsupported or unrecognized SSL message");
    // the name of the exception says what kind it is: "UnknownHostException: host"
    String named = failure.getClass().getSimpleName() + ": " + text.lines().findFirst().orElse("");
    return new S3Exception(tls ? Kind.TLS : Kind.TRANSIENT, 0, "", named, 1);
  }
}
