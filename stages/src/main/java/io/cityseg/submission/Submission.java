package io.cityseg.submission;

import static java.util.Objects.requireNonNull;

import io.cityseg.evaluate.FullSizePredictor;
import io.cityseg.files.WholeFile;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.ImageException;
import io.cityseg.image.LabelPng;
import io.cityseg.image.RgbImage;
import io.cityseg.stage.StageException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.IntConsumer;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A submission to the benchmark server: a zip with one 8-bit PNG of regular ids for every image of
 * a split, at the image's resolution. {@link #open} finds and checks the images, {@link #write}
 * predicts them. The same predictions give the same bytes.
 */
public final class Submission {
  /** What follows the image's id in the name of a prediction. */
  private static final String SUFFIX = "_pred.png";

  /** The first time that a zip can say. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final SortedMap<String, Path> images;

  private Submission(SortedMap<String, Path> images) {
    this.images = images;
  }

  /**
   * Finds a split's images and reads every one of them, so that nothing is predicted in vain.
   *
   * @param folders data sets in the Cityscapes layout
   * @param checked is told the number of images checked so far
   * @throws SubmissionException when images are missing, misnamed, damaged, of the wrong size or
   *     number: everything is listed
   */
  public static Submission open(List<Path> folders, SplitRequirement required, IntConsumer checked)
      throws SubmissionException, InterruptedException {
    return new Submission(SubmissionImages.find(folders, requireNonNull(required), checked));
  }

  /** How many images there are. */
  public int images() {
    return images.size();
  }

  /**
   * Predicts every image, one at a time, and writes the zip beside its place; it is moved there
   * when it is whole, and replaces what is there.
   *
   * @param finished is told the number of images done so far
   * @throws StageException when an image cannot be predicted
   * @throws IOException when a file cannot be read or written
   */
  public void write(Path zip, FullSizePredictor predictor, IntConsumer finished)
      throws StageException, IOException, InterruptedException {
    Path folder = zip.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path unfinished = folder.resolve("." + zip.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (ZipOutputStream out =
          new ZipOutputStream(
              new BufferedOutputStream(
                  Files.newOutputStream(unfinished, StandardOpenOption.CREATE_NEW)))) {
        int done = 0;
        for (Map.Entry<String, Path> image : images.entrySet()) {
          if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before " + image.getValue());
          }
          put(out, image.getKey() + SUFFIX, prediction(image.getValue(), predictor));
          finished.accept(++done);
        }
      }
      Files.move(
          unfinished, zip, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static byte[] prediction(Path file, FullSizePredictor predictor)
      throws StageException, IOException {
    try {
      RgbImage image = ImageCodec.decodeRgb(WholeFile.read(file), file.toString());
      GreyImage classes = predictor.predict(image, file.toString());
      return LabelPng.encode(FullSizePredictor.regularIds(classes));
    } catch (ImageException e) {
      throw new StageException("Cannot predict: " + e.getMessage(), e);
    }
  }

  /** Stored as it is: a PNG is compressed already, and zlib's versions differ in their bytes. */
  private static void put(ZipOutputStream out, String name, byte[] content) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(checksum.getValue());
    entry.setTimeLocal(TIME);
    out.putNextEntry(entry);
    out.write(content);
    out.closeEntry();
  }
}
