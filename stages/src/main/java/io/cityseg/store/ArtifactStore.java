package io.cityseg.store;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.cityseg.files.FileFailures;
import io.cityseg.proto.ArtifactRef;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Blobs by their content's digest, and manifests, which are blobs that hold a message.
 *
 * <p>Every read is verified: a blob whose bytes are not those of its name is removed and reported
 * as an {@link UnreadableBlobException}, so that its action misses from then on. {@link #read}
 * always hashes; {@link #file} and {@link #problem} compare the size where the reference says it,
 * and leave it to the storage whether bytes that it has seen to match need to be hashed again.
 * Thread-safe.
 */
public final class ArtifactStore {
  /** Blobs that are read whole into memory, manifests among them, are at most this long. */
  public static final long MAX_IN_MEMORY_BYTES = 1L << 30;

  /** A manifest of at most this is read and written whole, which costs no file. */
  static final int SMALL_BYTES = 1 << 20;

  private static final String BLOBS = "blobs/sha256/";

  private final ObjectStorage objects;

  public ArtifactStore(ObjectStorage objects) {
    this.objects = requireNonNull(objects, "objects");
  }

  /** The storage beneath. */
  public ObjectStorage objects() {
    return objects;
  }

  /** Stores bytes; storing the same bytes again changes nothing. */
  public ArtifactRef put(String kind, byte[] content) throws StoreException {
    Digest digest = Digest.of(content);
    ArtifactRef ref = ref(kind, digest, content.length);
    if (!objects.createIfAbsent(blobName(digest), content)) {
      replaceWhenCorrupt(ref, () -> objects.createIfAbsent(blobName(digest), content));
    }
    return ref;
  }

  /**
   * Stores a file's content; the file stays where it is.
   *
   * @throws StoreException when it cannot be read, or changed while it was stored
   */
  public ArtifactRef put(String kind, Path file) throws StoreException {
    try {
      BasicFileAttributes before = Files.readAttributes(file, BasicFileAttributes.class);
      Digest digest = Digest.of(file);
      ArtifactRef ref = ref(kind, digest, before.size());
      if (!objects.createIfAbsent(blobName(digest), file)) {
        replaceWhenCorrupt(ref, () -> objects.createIfAbsent(blobName(digest), file));
      }
      BasicFileAttributes after = Files.readAttributes(file, BasicFileAttributes.class);
      if (after.size() != before.size()
          || !after.lastModifiedTime().equals(before.lastModifiedTime())) {
        // What was copied may not be what was hashed.
        delete(ref);
        throw new StoreException(
            "Cannot store %s: it changed while it was read; run again when nothing writes to it"
                .formatted(file));
      }
      return ref;
    } catch (IOException e) {
      throw new StoreException("Cannot read " + file + " to store it: " + e.getMessage(), e);
    }
  }

  /** A file to make a large blob in, for {@link #put(String, Path)}. */
  public TemporaryFile temporaryFile() throws StoreException {
    return objects.temporaryFile();
  }

  /**
   * Stores a message under its own name as kind; the encoding is deterministic, as the messages
   * have no maps.
   */
  public ArtifactRef putManifest(Message manifest) throws StoreException {
    return put(manifest.getDescriptorForType().getName(), manifest.toByteArray());
  }

  /** A blob's bytes, verified. */
  public byte[] read(ArtifactRef ref) throws StoreException {
    return read(ref, MAX_IN_MEMORY_BYTES);
  }

  private byte[] read(ArtifactRef ref, long limit) throws StoreException {
    Digest digest = digest(ref);
    byte[] content = objects.read(blobName(digest), limit).orElseThrow(() -> missing(ref));
    if (!Digest.of(content).equals(digest)) {
      throw quarantined(ref);
    }
    return content;
  }

  /** A manifest, verified and parsed. */
  public <T extends Message> T readManifest(ArtifactRef ref, Parser<T> parser)
      throws StoreException {
    try {
      return parsed(ref, parser);
    } catch (InvalidProtocolBufferException e) {
      throw unexpected(ref, e);
    }
  }

  private static StoreException unexpected(ArtifactRef ref, InvalidProtocolBufferException e) {
    return new StoreException(
        "Artifact %s of kind %s is not the manifest that was expected: %s"
            .formatted(ref.getSha256(), ref.getKind(), e.getMessage()),
        e);
  }

  /** What to say when a blob cannot be read to its end. */
  StoreException unreadable(ArtifactRef ref, IOException e) {
    return new StoreException(
        "Cannot read the %s %s from %s: %s"
            .formatted(ref.getKind(), ref.getSha256(), objects.location(), FileFailures.reason(e)),
        e);
  }

  /**
   * Many small manifests, each as {@link #readManifest} reads it, in the order of the references: a
   * distant store is asked for several at a time.
   */
  public <T extends Message> List<T> readManifests(List<ArtifactRef> refs, Parser<T> parser)
      throws StoreException {
    return objects.sendAll(
        refs.stream()
            .<ObjectStorage.Request<T>>map(ref -> () -> readManifest(ref, parser))
            .toList());
  }

  /** Takes the elements of a manifest. */
  @FunctionalInterface
  public interface Each<T> {
    void take(T part) throws StoreException;
  }

  /**
   * Takes a manifest apart, verified, for who keeps less of it than its bytes: so it may be larger
   * than one that {@link #readManifest} reads.
   *
   * @param empty a manifest of its kind
   * @param each is told each element in the manifest's order, as a manifest that has it alone;
   *     plain numbers are left out
   */
  public <T extends Message> void readEach(ArtifactRef ref, T empty, Each<T> each)
      throws StoreException {
    try {
      Messages.requireMemory(ref.getSize());
    } catch (Messages.TooLargeException e) {
      throw tooLarge(ref, e);
    }
    try (ManifestFields<T> fields =
        fields(ref, empty, Math.min(SMALL_BYTES, Messages.maxLength()))) {
      for (Optional<T> element = fields.next(); element.isPresent(); element = fields.next()) {
        each.take(element.get());
      }
    } catch (Messages.TooLargeException e) {
      throw tooLarge(ref, e);
    } catch (InvalidProtocolBufferException e) {
      throw unexpected(ref, e);
    } catch (IOException e) {
      throw unreadable(ref, e);
    }
  }

  /**
   * Writes a manifest element by element, however long it becomes; {@code empty} is of its kind.
   */
  public <T extends Message> ManifestWriter<T> write(T empty) {
    return new ManifestWriter<>(this, empty);
  }

  /**
   * A manifest, verified and parsed.
   *
   * @throws InvalidProtocolBufferException when its bytes are no such message
   * @throws StoreException when it cannot be read, or would take too much memory
   */
  <T extends Message> T parsed(ArtifactRef ref, Parser<T> parser)
      throws StoreException, InvalidProtocolBufferException {
    try {
      Messages.requireLength(ref.getSize());
      return Messages.parse(parser, read(ref, Math.min(MAX_IN_MEMORY_BYTES, Messages.maxLength())));
    } catch (Messages.TooLargeException e) {
      throw tooLarge(ref, e);
    }
  }

  /** A manifest that is read, or of which an element is, and would take too much memory. */
  static StoreException tooLarge(ArtifactRef ref, Messages.TooLargeException e) {
    return new StoreException(
        "Artifact %s of kind %s is too large: %s"
            .formatted(ref.getSha256(), ref.getKind(), e.getMessage()),
        e);
  }

  /**
   * A manifest, verified and taken apart element by element, however long it is.
   *
   * @param empty a manifest of its kind
   * @param maxBytes one of at most so many is read whole, which costs no file; at most {@link
   *     #MAX_IN_MEMORY_BYTES}
   */
  <T extends Message> ManifestFields<T> fields(ArtifactRef ref, T empty, long maxBytes)
      throws StoreException {
    // size 0 of anything but nothing is not known
    if ((ref.getSize() > 0 && ref.getSize() <= maxBytes)
        || ref.getSha256().equals(Digest.OF_NOTHING.hex())) {
      byte[] content = read(ref, maxBytes);
      return new ManifestFields<>(empty, new ByteArrayInputStream(content), content.length);
    }
    Path file = file(ref);
    try {
      return new ManifestFields<>(empty, Files.newInputStream(file), Files.size(file));
    } catch (IOException e) {
      throw unreadable(ref, e);
    }
  }

  /**
   * A read-only file with a blob's content, verified: it is hashed each time, since a wrong weight
   * or pixel would not show otherwise. It belongs to the store.
   */
  public Path file(ArtifactRef ref) throws StoreException {
    Digest digest = digest(ref);
    ObjectStorage.VerifiedFile file =
        objects.file(blobName(digest), digest).orElseThrow(() -> missing(ref));
    try {
      Digest actual = file.hashed() ? file.actual() : Digest.of(file.path());
      if (!actual.equals(digest)
          || defect(ref, file.actual(), Files.size(file.path())).isPresent()) {
        throw quarantined(ref);
      }
    } catch (IOException e) {
      throw new StoreException("Cannot read %s to verify it: %s".formatted(file.path(), e), e);
    }
    return file.path();
  }

  /**
   * What is wrong with a blob: nothing, or that it is missing or corrupt. A corrupt one is left in
   * its place.
   */
  public Optional<String> problem(ArtifactRef ref) throws StoreException {
    if (!Digest.isValid(ref.getSha256())) {
      return Optional.of(invalid(ref));
    }
    Digest digest = new Digest(ref.getSha256());
    Optional<ObjectStorage.Checked> blob = objects.check(blobName(digest), digest);
    Optional<String> defect =
        blob.isEmpty()
            ? Optional.of("missing")
            : defect(ref, blob.get().actual(), blob.get().size());
    return defect.map(
        what -> "blob %s (%s) is %s".formatted(digest.abbreviated(), ref.getKind(), what));
  }

  /** Drops a blob. */
  public void delete(ArtifactRef ref) throws StoreException {
    objects.delete(blobName(digest(ref)));
  }

  /** The name of a blob's object: {@code blobs/sha256/ab/abcd...}. */
  static String blobName(Digest digest) {
    return BLOBS + digest.hex().substring(0, 2) + "/" + digest.hex();
  }

  /** The digest of a reference, which may come from a damaged or hostile message. */
  private static Digest digest(ArtifactRef ref) throws UnreadableBlobException {
    if (!Digest.isValid(ref.getSha256())) {
      throw new UnreadableBlobException(ref, "A " + invalid(ref) + "; run again to make it anew");
    }
    return new Digest(ref.getSha256());
  }

  private static String invalid(ArtifactRef ref) {
    return "reference (%s) has the invalid digest '%s'".formatted(ref.getKind(), ref.getSha256());
  }

  /** The digest that a blob's object is named by; nothing for other objects. */
  static Optional<Digest> digestOf(String name) {
    String hex = name.startsWith(BLOBS) ? name.substring(name.lastIndexOf('/') + 1) : "";
    return Digest.isValid(hex) && name.equals(blobName(new Digest(hex)))
        ? Optional.of(new Digest(hex))
        : Optional.empty();
  }

  /** Says that these artifacts will be looked at, so that a distant store is asked only once. */
  void lookAhead(Collection<ArtifactRef> refs) throws StoreException {
    objects.lookAhead(
        refs.stream()
            .map(ArtifactRef::getSha256)
            .filter(Digest::isValid)
            .distinct()
            .map(hex -> blobName(new Digest(hex)))
            .toList());
  }

  private static ArtifactRef ref(String kind, Digest digest, long size) {
    return ArtifactRef.newBuilder().setKind(kind).setSha256(digest.hex()).setSize(size).build();
  }

  private interface Creation {
    boolean create() throws StoreException;
  }

  /**
   * A blob that was there already may be a damaged one: it would shadow the good bytes in hand for
   * ever.
   */
  private void replaceWhenCorrupt(ArtifactRef ref, Creation creation) throws StoreException {
    if (problem(ref).isEmpty()) {
      return;
    }
    delete(ref);
    if (!creation.create() && problem(ref).isPresent()) {
      throw new StoreException(
          "Blob %s in %s is damaged and cannot be replaced; delete it and run again"
              .formatted(ref.getSha256(), objects.location()));
    }
  }

  /** What is wrong with a blob that is there. */
  private static Optional<String> defect(ArtifactRef ref, Digest actual, long size) {
    if (!actual.hex().equals(ref.getSha256())) {
      return Optional.of("corrupt");
    }
    // A reference of size 0 to anything but nothing was made without knowing the size.
    if (size == ref.getSize()
        || (ref.getSize() == 0 && !ref.getSha256().equals(Digest.OF_NOTHING.hex()))) {
      return Optional.empty();
    }
    return Optional.of(
        "corrupt (it has %d bytes and should have %d)".formatted(size, ref.getSize()));
  }

  private UnreadableBlobException missing(ArtifactRef ref) {
    return new UnreadableBlobException(
        ref,
        "Blob %s (%s) is missing from %s; run again to make it anew"
            .formatted(ref.getSha256(), ref.getKind(), objects.location()));
  }

  private UnreadableBlobException quarantined(ArtifactRef ref) throws StoreException {
    objects.delete(blobName(digest(ref)));
    return new UnreadableBlobException(
        ref,
        "Blob %s (%s) in %s was corrupt and has been removed; run again to make it anew"
            .formatted(ref.getSha256(), ref.getKind(), objects.location()));
  }
}
