package io.cityseg.store;

import io.minio.credentials.AwsConfigProvider;
import io.minio.credentials.AwsEnvironmentProvider;
import io.minio.credentials.Credentials;
import io.minio.credentials.IamAwsProvider;
import io.minio.credentials.MinioClientConfigProvider;
import io.minio.credentials.MinioEnvironmentProvider;
import io.minio.credentials.Provider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProviderException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import okhttp3.OkHttpClient;

/**
 * Finds credentials on the machine that needs them: in the file that is named, or else, in this
 * order, in {@code AWS_ACCESS_KEY_ID} and {@code AWS_SECRET_ACCESS_KEY} (with {@code
 * AWS_SESSION_TOKEN}), in {@code MINIO_ACCESS_KEY} and {@code MINIO_SECRET_KEY}, in {@code
 * ~/.aws/credentials} (the profile {@code AWS_PROFILE}), in the configuration of {@code mc}, and
 * with the machine's role (containers, Kubernetes service accounts, EC2).
 *
 * <p>What was found is asked for again after five minutes, or when it expires, so that files can be
 * renewed under a long run. Nothing here prints a secret. Thread-safe.
 */
final class S3Credentials implements Provider {
  private static final Duration KEEP = Duration.ofMinutes(5);

  /** Where there is no instance service, its address answers nothing at all. */
  private static final Duration INSTANCE_TIMEOUT = Duration.ofSeconds(2);

  private final Map<String, Provider> sources;
  private final Clock clock;
  private String source = "";
  private Credentials found;
  private Instant foundAt = Instant.MIN;

  private S3Credentials(Map<String, Provider> sources, Clock clock) {
    this.sources = sources;
    this.clock = clock;
  }

  /**
   * Credentials of a file, or of wherever this machine has them.
   *
   * @throws StoreException when a file is named and cannot be read
   */
  static S3Credentials of(Optional<Path> file) throws StoreException {
    Map<String, Provider> sources = new LinkedHashMap<>();
    if (file.isPresent()) {
      if (!Files.isReadable(file.get())) {
        throw new StoreException(
            "Cannot read the credentials file %s: %s; every machine that uses the store needs it"
                .formatted(
                    file.get(),
                    Files.exists(file.get()) ? "permission denied" : "it does not exist"));
      }
      sources.put("the file " + file.get(), new AwsConfigProvider(file.get().toString(), null));
    } else {
      sources.put("AWS_ACCESS_KEY_ID", new AwsEnvironmentProvider());
      sources.put("MINIO_ACCESS_KEY", new MinioEnvironmentProvider());
      sources.put("~/.aws/credentials", new AwsConfigProvider(null, null));
      sources.put("the configuration of mc", new MinioClientConfigProvider(null, null));
      sources.put(
          "the machine's role",
          new IamAwsProvider(
              null,
              new OkHttpClient.Builder()
                  .connectTimeout(INSTANCE_TIMEOUT)
                  .readTimeout(INSTANCE_TIMEOUT)
                  .build()));
    }
    return new S3Credentials(sources, Clock.systemUTC());
  }

  @Override
  public synchronized Credentials fetch() {
    if (found != null && !found.isExpired() && foundAt.plus(KEEP).isAfter(clock.instant())) {
      return found;
    }
    StringBuilder reasons = new StringBuilder();
    for (Map.Entry<String, Provider> candidate : sources.entrySet()) {
      try {
        found = candidate.getValue().fetch();
        foundAt = clock.instant();
        source = candidate.getKey();
        return found;
      } catch (ProviderException e) {
        reasons.append(reasons.isEmpty() ? "" : "; ").append(e.getMessage());
      }
    }
    throw new ProviderException(reasons.toString());
  }

  /** Where the credentials in use come from, for messages. */
  synchronized String source() {
    return source;
  }
}
