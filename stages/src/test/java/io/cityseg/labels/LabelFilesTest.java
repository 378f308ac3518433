package io.cityseg.labels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelFilesTest {
  private static final String CAR =
      "{\"imgWidth\":3,\"imgHeight\":1,\"objects\":[{\"label\":\"car\",\"polygon\":[[0,0],[1,0]]}]}";

  @TempDir private Path folder;

  @Test
  void convert_whenTree_mirrorsItWithTheDataSetsNames() throws Exception {
    write("in/val/a/a_000000_000019_gtFine_polygons.json", CAR);
    write("in/train/b/b_000000_000019_gtFine_polygons.json", CAR);
    for (LabelEncoding encoding : LabelEncoding.values()) {
      assertThat(convert("in", "out", encoding)).isEmpty();
    }
    assertThat(files("out"))
        .containsExactly(
            "train/b/b_000000_000019_gtFine_color.png",
            "train/b/b_000000_000019_gtFine_instanceIds.png",
            "train/b/b_000000_000019_gtFine_instanceTrainIds.png",
            "train/b/b_000000_000019_gtFine_labelIds.png",
            "train/b/b_000000_000019_gtFine_labelTrainIds.png",
            "val/a/a_000000_000019_gtFine_color.png",
            "val/a/a_000000_000019_gtFine_instanceIds.png",
            "val/a/a_000000_000019_gtFine_instanceTrainIds.png",
            "val/a/a_000000_000019_gtFine_labelIds.png",
            "val/a/a_000000_000019_gtFine_labelTrainIds.png");
    assertThat(grey("out/val/a/a_000000_000019_gtFine_labelTrainIds.png"))
        .isEqualTo(new GreyImage(1, 3, new byte[] {13, 13, -1}));
  }

  @Test
  void find_whenPolygonsLieBesideLabelIds_takesThePolygons() throws Exception {
    write("in/a_gtFine_polygons.json", CAR);
    write("in/a_gtFine_labelIds.png", "x");
    write("in/b_gtFine_labelIds.png", "x");
    write("in/._c_gtFine_polygons.json", "what some systems leave beside a file");
    assertThat(find("in", "in"))
        .extracting(file -> file.source().getFileName().toString())
        .containsExactly("a_gtFine_polygons.json", "b_gtFine_labelIds.png");
  }

  @Test
  void find_whenOutputLiesBelowTheTree_isNoSourceOfTheNextCall() throws Exception {
    write("in/a_gtFine_polygons.json", CAR);
    write("in/made/b_gtFine_labelIds.png", "x");
    assertThat(find("in", "in/made")).hasSize(1);
    assertThat(find("in", "elsewhere")).hasSize(2);
  }

  @Test
  void convert_whenLabelIds_mapsThem() throws Exception {
    Path source = folder.resolve("a_gtFine_labelIds.png");
    Files.write(source, ImageCodec.encodePng(new GreyImage(1, 2, new byte[] {26, 3})));
    assertThat(convert(source.getFileName().toString(), "t.png", LabelEncoding.TRAIN_IDS))
        .isEmpty();
    assertThat(grey("t.png")).isEqualTo(new GreyImage(1, 2, new byte[] {13, -1}));
    assertThat(convert(source.getFileName().toString(), "i.png", LabelEncoding.INSTANCE_IDS))
        .singleElement()
        .asString()
        .contains("a_gtFine_labelIds.png holds labelIds, which do not tell objects apart");
    assertThat(convert(source.getFileName().toString(), "", LabelEncoding.IDS))
        .singleElement()
        .asString()
        .contains("would be replaced by its own ids");
  }

  @Test
  void convert_whenSomeFilesAreWrong_namesAllAndWritesTheOthers() throws Exception {
    write("in/a_polygons.json", "{");
    write("in/b_polygons.json", CAR);
    write("in/c_polygons.json", CAR.replace("car", "tree"));
    write("in/d_polygons.json", CAR.replace("\"imgWidth\":3", "\"imgWidth\":1000000000"));
    write("in/e_polygons.json", CAR.replace("[0,0]", "[NaN,0]"));
    write("in/f_polygons.json", "[".repeat(1_000_000));
    write("in/g_labelIds.png", "not a PNG");
    Files.createDirectories(folder.resolve("out/h_labelTrainIds.png/x"));
    write("in/h_polygons.json", CAR);
    List<String> problems = convert("in", "out", LabelEncoding.TRAIN_IDS);
    assertThat(problems).hasSize(7);
    assertThat(problems.get(0)).contains("a_polygons.json is not a whole JSON file");
    assertThat(problems.get(1)).contains("c_polygons.json has an object of the unknown label");
    assertThat(problems.get(2)).contains("d_polygons.json has a size of 1000000000 x 1 pixels");
    assertThat(problems.get(3)).contains("e_polygons.json is not a whole JSON file");
    assertThat(problems.get(4)).contains("f_polygons.json is not an annotation file");
    assertThat(problems.get(5)).contains("g_labelIds.png is not");
    assertThat(problems.get(6)).contains("h_polygons.json: its label image").contains("written");
    assertThat(files("out")).containsExactly("b_labelTrainIds.png");
  }

  @Test
  void find_whenThereIsNothingToDo_says() throws IOException {
    Files.createDirectories(folder.resolve("empty"));
    write("file.json", CAR);
    assertThatThrownBy(() -> find("empty", "out"))
        .isInstanceOf(LabelException.class)
        .hasMessageContaining("has no label files: nothing below it ends in _polygons.json");
    assertThatThrownBy(() -> find("absent", "out")).hasMessageContaining("does not exist");
    assertThatThrownBy(() -> find("empty", "file.json")).hasMessageContaining("is a file");
  }

  private List<LabelFile> find(String in, String out) throws LabelException {
    return LabelFiles.find(folder.resolve(in), folder.resolve(out), LabelEncoding.TRAIN_IDS);
  }

  private List<String> convert(String in, String out, LabelEncoding encoding) throws Exception {
    List<LabelFile> files = LabelFiles.find(folder.resolve(in), folder.resolve(out), encoding);
    return LabelFiles.convert(files, encoding, 2, done -> {});
  }

  private GreyImage grey(String file) throws Exception {
    return ImageCodec.decodeGrey(Files.readAllBytes(folder.resolve(file)), file);
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(folder.resolve(file).getParent());
    Files.writeString(folder.resolve(file), text);
  }

  /** All that is there, temporary files too. */
  private List<String> files(String root) throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve(root))) {
      return all.filter(Files::isRegularFile)
          .map(file -> folder.resolve(root).relativize(file).toString())
          .sorted()
          .toList();
    }
  }
}
