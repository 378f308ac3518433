package io.cityseg.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What is said when an object store fails: what was done, to what, why, and what to do. */
final class S3Failures {
  private S3Failures() {}

  /**
   * A failure in words.
   *
   * @param doing "Cannot read a/b from the store"
   */
  static StoreException of(S3Connection connection, String doing, S3Exception failure) {
    S3Address address = connection.address();
    String message =
        switch (failure.kind()) {
          case ABSENT -> absent(address, failure);
          case CONDITION_FAILED -> "the object was changed by somebody else meanwhile; run again";
          case TRANSIENT -> passing(address, failure);
          case NO_CREDENTIALS ->
              "no credentials were found (%s); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a file with --s3-credentials, on every machine that uses the store"
                  .formatted(failure.getMessage());
          case TLS ->
              "no secure connection to %s (%s); check http or https in --s3-endpoint, and name the file of a private authority with --s3-ca"
                  .formatted(address.endpoint().orElseThrow(), failure.getMessage());
          case NOT_S3 ->
              "%s is no S3 server: %s; correct --s3-endpoint (it must be the API's port, not a console's)"
                  .formatted(address.endpoint().orElseThrow(), failure.getMessage());
          case REFUSED -> refused(connection, failure);
        };
    String text = "%s %s: %s".formatted(doing, address, message);
    return failure.kind() == S3Exception.Kind.TRANSIENT
        ? new StoreAwayException(text, failure)
        : new StoreException(text, failure);
  }

  private static String absent(S3Address address, S3Exception failure) {
    return switch (failure.code()) {
      case "NoSuchBucket" ->
          "there is no bucket '%s'; create it, or correct --store".formatted(address.bucket());
      case "NoSuchKey" -> "there is no such object";
      case "NoSuchUpload" -> "the upload was removed while it was under way; run again";
      default ->
          "it is not found (%s); check bucket and endpoint"
              .formatted(failure.code().isEmpty() ? "404" : failure.code());
    };
  }

  private static String passing(S3Address address, S3Exception failure) {
    String tries = failure.attempts() > 1 ? " (tried %d times)".formatted(failure.attempts()) : "";
    if (failure.status() > 0) {
      String name = failure.code().isEmpty() ? "" : " " + failure.code();
      return "the server answers %d%s%s; run again when it is well"
          .formatted(failure.status(), name, tries);
    }
    if (failure.getMessage().startsWith("UnknownHostException")) {
      return "the host of %s is not known here%s; correct --s3-endpoint"
          .formatted(address.endpoint().orElseThrow(), tries);
    }
    return "no answer from %s%s (%s); check that it runs and can be reached from here, and run again"
        .formatted(address.endpoint().orElseThrow(), tries, failure.getMessage());
  }

  private static String refused(S3Connection connection, S3Exception failure) {
    S3Address address = connection.address();
    String said = failure.getMessage().isBlank() ? "" : " (" + failure.getMessage().strip() + ")";
    return switch (failure.code()) {
      case "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "InvalidToken",
          "ExpiredToken",
          "InvalidTokenId",
          "TokenRefreshRequired" ->
          "the server does not accept the credentials from %s: %s; correct or renew them"
              .formatted(connection.credentialsSource(), failure.code());
      case "AccessDenied", "AllAccessDisabled", "AccountProblem" ->
          "the credentials from %s do not allow it: %s; they need the permissions that infra/s3 lists"
              .formatted(connection.credentialsSource(), failure.code());
      case "RequestTimeTooSkewed", "RequestExpired" ->
          "this machine's clock and the server's differ too much (here it is %s); set the clock"
              .formatted(Instant.now().truncatedTo(ChronoUnit.SECONDS));
      case "PermanentRedirect",
          "Redirect",
          "TemporaryRedirect",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException",
          "InvalidRegion" ->
          "the bucket is not in region %s, or not at this endpoint%s; correct --s3-region or --s3-endpoint"
              .formatted(address.region().orElseThrow(), said);
      default ->
          failure.status() == 301 || failure.status() == 307
              ? "the server redirects to another place%s; correct --s3-region or --s3-endpoint"
                  .formatted(said)
              : "the server refuses it with %d %s%s"
                  .formatted(failure.status(), failure.code(), said);
    };
  }
}
