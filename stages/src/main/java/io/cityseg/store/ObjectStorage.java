package io.cityseg.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Named objects: the one interface that a kind of storage implements.
 *
 * <p>Names are '/'-separated paths of characters {@code [A-Za-z0-9._-]}; "." and ".." are not parts
 * of a name, and the first part is not "tmp"; any other name is an {@link
 * IllegalArgumentException}. Safe for use by any number of threads, processes and machines at once:
 * an object appears whole or not at all, and of several creators of one name exactly one wins. What
 * is deliberately not here: renaming, appending, and listing in any order but by name.
 */
public interface ObjectStorage {
  /** What is said of an object without reading it. */
  record ObjectEntry(String name, long size) {}

  /**
   * One state of an object.
   *
   * @param state is another after every replacement by other bytes, and means nothing else
   */
  record ObjectState(String name, long size, String state) {}

  /**
   * Creates an object from bytes; false when one of that name exists, which is then left as it is.
   */
  boolean createIfAbsent(String name, byte[] content) throws StoreException;

  /**
   * Creates an object from a file's content, which must not change meanwhile; false when one of
   * that name exists.
   */
  boolean createIfAbsent(String name, Path content) throws StoreException;

  /**
   * Creates or replaces a small object. Readers see the old or the new content, never a mixture.
   */
  void replace(String name, byte[] content) throws StoreException;

  /**
   * The whole object, or nothing when there is none. Fails when it is larger than {@code limit}
   * bytes.
   */
  Optional<byte[]> read(String name, long limit) throws StoreException;

  /** A stream of the object's content, or nothing when there is none. */
  Optional<InputStream> open(String name) throws StoreException;

  /** The object's size, or nothing when there is none. */
  Optional<ObjectEntry> stat(String name) throws StoreException;

  /**
   * Every object whose name begins with {@code prefix} and '/', in ascending order of name; every
   * object when the prefix is empty.
   */
  List<ObjectEntry> list(String prefix) throws StoreException;

  /**
   * As {@link #list}, with what tells a replaced object from the one before: who follows objects
   * that others replace need only read those whose state is another.
   */
  List<ObjectState> states(String prefix) throws StoreException;

  /**
   * The shortest time after which it is reasonable to ask again for what is new: a distant storage
   * takes time and money for every question.
   */
  default Duration pace() {
    return Duration.ofMillis(250);
  }

  /** Deletes an object; false when there was none. */
  boolean delete(String name) throws StoreException;

  /**
   * A file with the object's content, and whether its bytes have been seen to match {@code
   * expected} since they last changed. The file is read-only and belongs to the storage. Nothing
   * when there is no such object.
   */
  Optional<VerifiedFile> file(String name, Digest expected) throws StoreException;

  /**
   * A file with an object's content.
   *
   * @param path the file stays at least as long as this very object is held
   * @param actual the digest of its content: the expected one, or another when it is corrupt
   * @param hashed whether it was hashed just now, and not known from earlier
   */
  record VerifiedFile(Path path, Digest actual, boolean hashed) {
    /** A file that may have been hashed earlier. */
    public VerifiedFile(Path path, Digest actual) {
      this(path, actual, false);
    }
  }

  /**
   * What is known of an object's content without transferring it, or nothing when there is none. A
   * storage that verifies what it receives may take its word for it.
   *
   * @param expected the digest that it should have
   */
  default Optional<Checked> check(String name, Digest expected) throws StoreException {
    Optional<VerifiedFile> file = file(name, expected);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Checked(file.get().actual(), Files.size(file.get().path())));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new StoreException(
          "Cannot read the size of %s: %s".formatted(file.get().path(), e.getMessage()), e);
    }
  }

  /**
   * An object that was checked.
   *
   * @param actual the digest of its content: the expected one, or another when it is corrupt
   */
  record Checked(Digest actual, long size) {}

  /** One of several things that are asked of a storage. */
  @FunctionalInterface
  interface Request<T> {
    /** Sends it; must not send several side by side itself. */
    T send() throws StoreException;
  }

  /**
   * Answers to requests, in their order: a distant storage is sent several at a time. The first
   * failure calls the rest off.
   */
  default <T> List<T> sendAll(List<Request<T>> requests) throws StoreException {
    List<T> answers = new ArrayList<>(requests.size());
    for (Request<T> request : requests) {
      answers.add(request.send());
    }
    return answers;
  }

  /** Says that these will be checked: a distant storage looks for them all at once. */
  default void lookAhead(Collection<String> names) throws StoreException {}

  /**
   * A file on this machine to make a large object in, before it is created from it. A storage that
   * has no room of its own here takes the system's temporary folder.
   */
  default TemporaryFile temporaryFile() throws StoreException {
    return TemporaryFile.in(
        Path.of(
            System.getProperty("java.io.tmpdir"), "cityseg-" + System.getProperty("user.name")));
  }

  /** Where it is, for messages; never with credentials. */
  String location();
}
