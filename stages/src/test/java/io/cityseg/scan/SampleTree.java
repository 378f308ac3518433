package io.cityseg.scan;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cityseg.image.Grey16Image;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.LabelPng;
import io.cityseg.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A tiny data set on disk: what a test does not change is right. */
public final class SampleTree {
  public static final int HEIGHT = 6;
  public static final int WIDTH = 8;

  private final Path root;

  public SampleTree(Path root) {
    this.root = root;
  }

  /** Two training items and one validation item, with polygons and labelIds. */
  public static SampleTree complete(Path root) throws IOException {
    SampleTree tree = new SampleTree(root);
    tree.item("train", "aa", 1);
    tree.item("train", "bb", 2);
    tree.item("val", "cc", 3);
    return tree;
  }

  public Path root() {
    return root;
  }

  public void item(String split, String city, int sequence) throws IOException {
    write(path(SourceKind.IMAGE, split, city, sequence), image(HEIGHT, WIDTH, sequence));
    write(path(SourceKind.POLYGONS, split, city, sequence), polygons(HEIGHT, WIDTH, "road"));
    write(path(SourceKind.LABEL_IDS, split, city, sequence), labelIds(HEIGHT, WIDTH, 7));
  }

  public static String path(SourceKind kind, String split, String city, int sequence) {
    return SourcePath.of(kind, split, city, "%s_%06d_000019".formatted(city, sequence));
  }

  public Path write(String path, byte[] content) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  public void delete(String path) throws IOException {
    Files.delete(root.resolve(path));
  }

  public static byte[] image(int height, int width, int value) {
    byte[] pixels = new byte[height * width * 3];
    Arrays.fill(pixels, (byte) value);
    return ImageCodec.encodePng(new RgbImage(height, width, pixels));
  }

  public static byte[] labelIds(int height, int width, int... ids) {
    byte[] pixels = new byte[height * width];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) ids[i % ids.length];
    }
    return ImageCodec.encodePng(new GreyImage(height, width, pixels));
  }

  /** A 16-bit file, all of one number. */
  public static byte[] instanceIds(int height, int width, int number) {
    short[] pixels = new short[height * width];
    Arrays.fill(pixels, (short) number);
    return LabelPng.encode(new Grey16Image(height, width, pixels));
  }

  public static byte[] polygons(int height, int width, String label) {
    return "{'imgHeight':%d,'imgWidth':%d,'objects':[{'label':'%s','polygon':[[0,0],[5,0],[5,5]]}]}"
        .formatted(height, width, label)
        .replace('\'', '"')
        .getBytes(UTF_8);
  }
}
