package io.cityseg.score;

import io.cityseg.image.Grey16Image;
import io.cityseg.image.GreyImage;
import io.cityseg.image.LabelPng;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Ground truth and predictions in the official layout, to damage in tests. */
record ScoredSet(Path root) {
  Path groundTruth() {
    return root.resolve("gtFine");
  }

  Path predictions() {
    return root.resolve("results");
  }

  Path labelIds(String name) {
    return truth(name, "labelIds");
  }

  Path instanceIds(String name) {
    return truth(name, "instanceIds");
  }

  Path prediction(String name) {
    return predictions().resolve(name + "_pred.png");
  }

  ScoredSet add(String name, int[][] labelIds, int[][] instanceIds, int[][] prediction)
      throws IOException {
    write(labelIds(name), grey(labelIds));
    write(instanceIds(name), grey16(instanceIds));
    write(prediction(name), grey(prediction));
    return this;
  }

  static void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  static byte[] grey(int[][] rows) {
    byte[] pixels = new byte[rows.length * rows[0].length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) rows[i / rows[0].length][i % rows[0].length];
    }
    return LabelPng.encode(new GreyImage(rows.length, rows[0].length, pixels));
  }

  static byte[] grey16(int[][] rows) {
    short[] pixels = new short[rows.length * rows[0].length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (short) rows[i / rows[0].length][i % rows[0].length];
    }
    return LabelPng.encode(new Grey16Image(rows.length, rows[0].length, pixels));
  }

  private Path truth(String name, String kind) {
    String city = name.substring(0, name.indexOf('_'));
    return groundTruth().resolve("val").resolve(city).resolve(name + "_gtFine_" + kind + ".png");
  }
}
