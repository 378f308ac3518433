package io.cityseg.store;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Where a store in a bucket is, and all that another machine needs to know to reach it, but for the
 * credentials, which it never holds: {@code s3://bucket/prefix?endpoint=…&region=…}.
 *
 * <p>An address goes to workers, into logs and onto Flink's web page. Every machine finds
 * credentials in its own environment and files (see {@link S3Credentials}).
 *
 * @param bucket 3 to 63 characters, by the rules of Amazon S3
 * @param prefix what all names begin with; empty, or without '/' at either end
 * @param endpoint the server, "http(s)://host[:port]"; nothing for the environment's, or Amazon's
 * @param region nothing for the environment's, or "us-east-1"
 * @param addressing how the bucket is named in requests; nothing for the endpoint's usual way
 * @param ca a PEM file with the certificates that are trusted in place of Java's own
 * @param credentials a file in the form of {@code ~/.aws/credentials}
 * @param cache where blobs that were read are kept; nothing for a folder that goes with the process
 * @param cacheBytes how much is kept there, at least 1
 */
public record S3Address(
    String bucket,
    String prefix,
    Optional<String> endpoint,
    Optional<String> region,
    Optional<Addressing> addressing,
    Optional<Path> ca,
    Optional<Path> credentials,
    Optional<Path> cache,
    Optional<Long> cacheBytes) {
  /** Scheme and beginning of every address. */
  public static final String SCHEME = "s3://";

  static final String AMAZON = "https://s3.amazonaws.com";
  static final String DEFAULT_REGION = "us-east-1";

  /** How much the cache holds when nobody says: 10 GiB. */
  static final long DEFAULT_CACHE_BYTES = 10L << 30;

  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*");
  private static final Pattern REGION = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /** How a request names the bucket. */
  public enum Addressing {
    /** {@code https://host/bucket/name}: what most servers but Amazon's expect. */
    PATH,
    /** {@code https://bucket.host/name}. */
    VIRTUAL
  }

  public S3Address {
    if (!BUCKET.matcher(requireNonNull(bucket, "bucket")).matches() || bucket.contains("..")) {
      throw new IllegalArgumentException(
          "Invalid bucket: '%s' (must be 3 to 63 lower-case letters, digits, '.' and '-')"
              .formatted(bucket));
    }
    if (!prefix.isEmpty()
        && (!PREFIX.matcher(prefix).matches() || ("/" + prefix + "/").matches(".*/\\.{1,2}/.*"))) {
      throw new IllegalArgumentException(
          "Invalid prefix: '%s' (must be parts of letters, digits, '.', '_' and '-' joined by '/')"
              .formatted(prefix));
    }
    endpoint.ifPresent(S3Address::requireEndpoint);
    if (region.isPresent() && !REGION.matcher(region.get()).matches()) {
      throw new IllegalArgumentException(
          "Invalid region: '%s' (must be like us-east-1)".formatted(region.get()));
    }
    if (cacheBytes.isPresent() && cacheBytes.get() < 1) {
      throw new IllegalArgumentException(
          "Invalid cache size: %d (must be at least 1 byte)".formatted(cacheBytes.get()));
    }
  }

  /** Whether a store's address is one of these. */
  public static boolean isOne(String uri) {
    return uri.startsWith(SCHEME);
  }

  /**
   * Reads an address.
   *
   * @throws StoreException when it is none; the message does not repeat what could be a secret
   */
  public static S3Address parse(String uri) throws StoreException {
    if (!isOne(uri)) {
      throw new StoreException("Invalid store: an object store's address begins with " + SCHEME);
    }
    String rest = uri.substring(SCHEME.length());
    int question = rest.indexOf('?');
    String place = question < 0 ? rest : rest.substring(0, question);
    if (place.contains("@")) {
      throw new StoreException(
          "Invalid store: the address must not hold credentials, since it is shown to others; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a file with --s3-credentials");
    }
    int slash = place.indexOf('/');
    String bucket = slash < 0 ? place : place.substring(0, slash);
    String prefix = slash < 0 ? "" : place.substring(slash + 1).replaceFirst("/$", "");
    Map<String, String> settings = settings(question < 0 ? "" : rest.substring(question + 1));
    try {
      S3Address address =
          new S3Address(
              bucket,
              prefix,
              Optional.ofNullable(settings.remove("endpoint")),
              Optional.ofNullable(settings.remove("region")),
              Optional.ofNullable(settings.remove("addressing")).map(S3Address::addressing),
              Optional.ofNullable(settings.remove("ca")).map(Path::of),
              Optional.ofNullable(settings.remove("credentials")).map(Path::of),
              Optional.ofNullable(settings.remove("cache")).map(Path::of),
              Optional.ofNullable(settings.remove("cache-size")).map(ByteSize::parse));
      if (!settings.isEmpty()) {
        // the value is left out: somebody may have tried to give a key
        throw new IllegalArgumentException(
            "Unknown setting '%s' (there are endpoint, region, addressing, ca, credentials, cache, cache-size)"
                .formatted(settings.keySet().iterator().next()));
      }
      return address;
    } catch (IllegalArgumentException e) {
      throw new StoreException(
          "Invalid store '%s%s': %s".formatted(SCHEME, place, e.getMessage()), e);
    }
  }

  private static Map<String, String> settings(String query) throws StoreException {
    Map<String, String> settings = new TreeMap<>();
    for (String setting : query.isEmpty() ? new String[0] : query.split("&", -1)) {
      int equals = setting.indexOf('=');
      try {
        if (equals < 1
            || settings.put(
                    setting.substring(0, equals),
                    URLDecoder.decode(setting.substring(equals + 1), StandardCharsets.UTF_8))
                != null) {
          throw new IllegalArgumentException("not of the form name=value, or given twice");
        }
      } catch (IllegalArgumentException e) {
        throw new StoreException(
            "Invalid store: a setting after '?' is malformed; write name=value&name=value, with percent signs escaped as %25",
            e);
      }
    }
    return settings;
  }

  private static Addressing addressing(String text) {
    return switch (text) {
      case "path" -> Addressing.PATH;
      case "virtual" -> Addressing.VIRTUAL;
      default ->
          throw new IllegalArgumentException(
              "Invalid addressing: '%s' (must be path or virtual)".formatted(text));
    };
  }

  private static void requireEndpoint(String endpoint) {
    try {
      URI uri = new URI(endpoint);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      boolean bare =
          uri.getRawUserInfo() == null
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null
              && (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"));
      if (web && bare && uri.getHost() != null) {
        return;
      }
    } catch (URISyntaxException | NullPointerException e) {
      throw new IllegalArgumentException(invalidEndpoint(endpoint), e);
    }
    throw new IllegalArgumentException(invalidEndpoint(endpoint));
  }

  /** What stands before '@' or behind '?' may be a secret: then the value is left out. */
  private static String invalidEndpoint(String endpoint) {
    String value = endpoint.matches("[^@?#]*") ? ": '" + endpoint + "'" : "";
    return "Invalid endpoint%s (must be http://host:port or https://host:port, with nothing else)"
        .formatted(value);
  }

  /**
   * The address with the endpoint and the region that this machine's environment says, so that
   * every other machine takes the same.
   *
   * @param environment gives a variable's value, or null
   */
  public S3Address withDefaults(UnaryOperator<String> environment) {
    return new S3Address(
        bucket,
        prefix,
        Optional.of(
            endpoint
                .or(() -> variable(environment, "AWS_ENDPOINT_URL_S3"))
                .or(() -> variable(environment, "AWS_ENDPOINT_URL"))
                .orElse(AMAZON)),
        Optional.of(
            region
                .or(() -> variable(environment, "AWS_REGION"))
                .or(() -> variable(environment, "AWS_DEFAULT_REGION"))
                .orElse(DEFAULT_REGION)),
        addressing,
        ca,
        credentials,
        cache,
        cacheBytes);
  }

  /** A variable's value; an empty one counts as not set. */
  static Optional<String> variable(UnaryOperator<String> environment, String name) {
    return Optional.ofNullable(environment.apply(name)).filter(value -> !value.isBlank());
  }

  /** Whether the bucket is part of the host's name in requests. */
  boolean isVirtual() {
    return addressing
        .map(Addressing.VIRTUAL::equals)
        .orElseGet(() -> endpoint.orElse(AMAZON).contains(".amazonaws.com"));
  }

  /** The full name of an object in the bucket. */
  String key(String name) {
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  /** The address in one line, as {@link #parse} reads it. */
  public String uri() {
    Map<String, String> settings = new LinkedHashMap<>();
    endpoint.ifPresent(value -> settings.put("endpoint", value));
    region.ifPresent(value -> settings.put("region", value));
    addressing.ifPresent(
        value -> settings.put("addressing", value == Addressing.PATH ? "path" : "virtual"));
    ca.ifPresent(value -> settings.put("ca", value.toString()));
    credentials.ifPresent(value -> settings.put("credentials", value.toString()));
    cache.ifPresent(value -> settings.put("cache", value.toString()));
    cacheBytes.ifPresent(value -> settings.put("cache-size", value.toString()));
    StringBuilder uri = new StringBuilder(place());
    char separator = '?';
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      uri.append(separator).append(setting.getKey()).append('=');
      // a '/' or ':' needs no escape after '?', and is easier on the eyes
      uri.append(
          URLEncoder.encode(setting.getValue(), StandardCharsets.UTF_8)
              .replace("%2F", "/")
              .replace("%3A", ":")
              .replace("+", "%20"));
      separator = '&';
    }
    return uri.toString();
  }

  /** Bucket and prefix: {@code s3://bucket/prefix}. */
  String place() {
    return SCHEME + bucket + (prefix.isEmpty() ? "" : "/" + prefix);
  }

  /** For messages: {@code s3://bucket/prefix at https://host}. */
  @Override
  public String toString() {
    return place() + " at " + endpoint.orElse(AMAZON);
  }
}
