package io.cityseg.run;

import static java.util.Objects.requireNonNull;

import io.cityseg.model.WeightsFile;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.InitConfig;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Puts pretrained weights into the store, from a file or an address, once their hash is what it
 * must be: {@code init.weights_sha256}, or the first 8 digits in a file's name as torchvision's
 * releases have them ({@code torch.hub}'s {@code HASH_REGEX}).
 */
final class PretrainedWeights {
  private static final Pattern ADDRESS = Pattern.compile("^https?://.*");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{8,64}");
  private static final Pattern NAMED_HASH = Pattern.compile("-([0-9a-f]{8})\\.pth?$");
  private static final Pattern DIGITS = Pattern.compile("[0-9]{8}");

  private final ArtifactStore store;
  private final Path folder;
  private final Consumer<String> notices;

  /**
   * For one run.
   *
   * @param folder keeps what was fetched, each file under its SHA-256
   */
  PretrainedWeights(ArtifactStore store, Path folder, Consumer<String> notices) {
    this.store = requireNonNull(store, "store");
    this.folder = requireNonNull(folder, "folder");
    this.notices = requireNonNull(notices, "notices");
  }

  /** The file that the configuration names, or nothing when it names none. */
  Optional<ArtifactRef> put(InitConfig config) throws WeightsException, StoreException {
    String weights = config.getWeights();
    String given = config.getWeightsSha256().toLowerCase(Locale.ROOT);
    if (!given.isEmpty() && !HASH.matcher(given).matches()) {
      throw new WeightsException(
          "Invalid init.weights_sha256: '%s' (must be the first 8 to 64 hexadecimal digits)"
              .formatted(config.getWeightsSha256()));
    }
    if (weights.isEmpty()) {
      if (!given.isEmpty()) {
        throw new WeightsException(
            "Invalid init.weights_sha256: there are no init.weights that could have it");
      }
      return Optional.empty();
    }
    try {
      return Optional.of(
          ADDRESS.matcher(weights).matches()
              ? fetched(address(weights), given)
              : local(weights, given));
    } catch (StageException e) {
      throw new WeightsException("Cannot use init.weights: " + e.getMessage(), e);
    }
  }

  private ArtifactRef local(String weights, String given)
      throws WeightsException, StageException, StoreException {
    Path file = Path.of(weights);
    ArtifactRef stored = store.put(WeightsFile.kind(file), file);
    // eight decimal digits are as likely a date
    String expected =
        given.isEmpty()
            ? hashInName(weights).filter(hash -> !DIGITS.matcher(hash).matches()).orElse("")
            : given;
    if (!stored.getSha256().startsWith(expected)) {
      throw wrongHash(weights, stored.getSha256(), expected, given.isEmpty());
    }
    return stored;
  }

  private ArtifactRef fetched(URI address, String given)
      throws WeightsException, StageException, StoreException {
    String expected = given.isEmpty() ? hashInName(address.getPath()).orElse("") : given;
    if (expected.isEmpty()) {
      throw new WeightsException(
          ("Cannot use init.weights %s: what is fetched must be checked, and its name does not end in"
                  + " its hash as torchvision's do (-cd0a2569.pth); set init.weights_sha256")
              .formatted(Download.shown(address)));
    }
    try {
      return fetched(address, expected, given.isEmpty());
    } catch (IOException e) {
      throw new WeightsException(
          "Cannot fetch init.weights %s: %s".formatted(Download.shown(address), e.getMessage()), e);
    }
  }

  private ArtifactRef fetched(URI address, String expected, boolean byName)
      throws IOException, WeightsException, StageException, StoreException {
    Files.createDirectories(folder);
    for (Path kept : kept(expected)) {
      ArtifactRef stored = store.put(WeightsFile.kind(kept), kept);
      if (stored.getSha256().equals(kept.getFileName().toString())) {
        return stored;
      }
      notices.accept("What was kept of %s is damaged: fetching it again".formatted(kept));
      Files.delete(kept);
    }
    notices.accept("Fetching %s into %s".formatted(Download.shown(address), folder));
    Path part = Files.createTempFile(folder, "part-", ".tmp");
    try {
      String sha256 = Download.to(address, part, notices);
      if (!sha256.startsWith(expected)) {
        throw wrongHash(Download.shown(address), sha256, expected, byName);
      }
      Path file = folder.resolve(sha256);
      Files.move(part, file);
      return store.put(WeightsFile.kind(file), file);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private Iterable<Path> kept(String expected) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(expected))
          .sorted()
          .toList();
    }
  }

  private static URI address(String weights) throws WeightsException {
    try {
      URI address = new URI(weights);
      if (address.getHost() != null && address.getPath() != null) {
        return address;
      }
    } catch (URISyntaxException e) {
      throw new WeightsException("Invalid init.weights: the address is wrong: " + e.getReason(), e);
    }
    throw new WeightsException("Invalid init.weights: the address has no host or no path");
  }

  private static Optional<String> hashInName(String path) {
    Matcher name = NAMED_HASH.matcher(path);
    return name.find() ? Optional.of(name.group(1)) : Optional.empty();
  }

  private static WeightsException wrongHash(
      String weights, String sha256, String expected, boolean byName) {
    return new WeightsException(
        "Cannot use init.weights %s: its SHA-256 is %s and must begin with %s, %s"
            .formatted(
                weights,
                sha256,
                expected,
                byName
                    ? "as its name says; get the file anew, or set init.weights_sha256 to its own"
                        + " hash if it is what you mean"
                    : "as init.weights_sha256 says"));
  }
}
