package io.cityseg.cli;

import io.cityseg.store.ByteSize;
import io.cityseg.store.S3Address;
import io.cityseg.store.S3Address.Addressing;
import io.cityseg.store.StoreException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** How a bucket is reached. Credentials are not among these: only a file that holds them. */
final class S3Options {
  @Option(
      names = "--s3-endpoint",
      paramLabel = "URL",
      description =
          "The server: https://host:port (default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or Amazon S3).")
  private String endpoint;

  @Option(
      names = "--s3-region",
      paramLabel = "REGION",
      description = "The bucket's region (default: AWS_REGION, AWS_DEFAULT_REGION, or us-east-1).")
  private String region;

  @Option(
      names = "--s3-path-style",
      negatable = true,
      description =
          "Name the bucket in the path, not in the host (default: in the path, but for Amazon S3).")
  private Boolean pathStyle;

  @Option(
      names = "--s3-ca",
      paramLabel = "FILE",
      description =
          "PEM file with the certificates of a private authority (default: AWS_CA_BUNDLE, or Java's own).")
  private Path ca;

  @Option(
      names = "--s3-credentials",
      paramLabel = "FILE",
      description =
          "File in the form of ~/.aws/credentials (default: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, MINIO_ACCESS_KEY and MINIO_SECRET_KEY, ~/.aws/credentials, mc's configuration, the machine's role).")
  private Path credentials;

  @Option(
      names = "--cache-dir",
      paramLabel = "DIR",
      description =
          "Where blobs that were read are kept on each machine (default: CITYSEG_CACHE_DIR, or a folder of the user in the temporary folder).")
  private Path cache;

  @Option(
      names = "--cache-size",
      paramLabel = "SIZE",
      description = "How much is kept there: 500MB, 10GB (default: CITYSEG_CACHE_SIZE, or 10GB).")
  private String cacheSize;

  /** An address with what the options and this machine's environment say. */
  S3Address complete(String uri) throws UsageException {
    try {
      S3Address address = S3Address.parse(uri);
      return new S3Address(
              address.bucket(),
              address.prefix(),
              Optional.ofNullable(endpoint).or(address::endpoint),
              Optional.ofNullable(region).or(address::region),
              Optional.ofNullable(pathStyle)
                  .map(path -> path ? Addressing.PATH : Addressing.VIRTUAL)
                  .or(address::addressing),
              absolute(ca).or(address::ca),
              absolute(credentials).or(address::credentials),
              absolute(cache).or(address::cache),
              Optional.ofNullable(cacheSize).map(ByteSize::parse).or(address::cacheBytes))
          .withDefaults(System::getenv);
    } catch (StoreException e) {
      throw new UsageException(e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new UsageException("Cannot use the store: " + e.getMessage(), e);
    }
  }

  /** Options that would be ignored are errors. */
  void requireNone() throws UsageException {
    if (Stream.of(
            Optional.ofNullable(endpoint),
            Optional.ofNullable(region),
            Optional.ofNullable(pathStyle),
            Optional.ofNullable(ca),
            Optional.ofNullable(credentials),
            Optional.ofNullable(cache),
            Optional.ofNullable(cacheSize))
        .anyMatch(Optional::isPresent)) {
      throw new UsageException(
          "The options --s3-… and --cache-… are for stores in s3:// (give --store s3://bucket/prefix)");
    }
  }

  private static Optional<Path> absolute(Path path) {
    return Optional.ofNullable(path).map(given -> given.toAbsolutePath().normalize());
  }
}
