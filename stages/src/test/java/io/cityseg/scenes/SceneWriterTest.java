package io.cityseg.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.PngFile;
import io.cityseg.image.PngHeader;
import io.cityseg.image.RgbImage;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.labels.Label;
import io.cityseg.labels.LabelImages;
import io.cityseg.store.Digest;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SceneWriterTest {
  private static final SceneOptions SMALL = new SceneOptions(2, 1, 1, 64, 128);

  @TempDir Path folder;

  @Test
  void draw_whenFolderIsNew_writesTheLayout() throws Exception {
    List<Integer> told = new ArrayList<>();
    SceneWriter.draw(folder.resolve("new/scenes"), SMALL, told::add);
    assertThat(digests(folder.resolve("new/scenes")).keySet())
        .containsExactlyInAnyOrder(
            "leftImg8bit/train/scenea/scenea_000000_000019_leftImg8bit.png",
            "leftImg8bit/train/sceneb/sceneb_000001_000019_leftImg8bit.png",
            "leftImg8bit/val/scenec/scenec_000000_000019_leftImg8bit.png",
            "gtFine/train/scenea/scenea_000000_000019_gtFine_polygons.json",
            "gtFine/train/scenea/scenea_000000_000019_gtFine_labelIds.png",
            "gtFine/train/scenea/scenea_000000_000019_gtFine_instanceIds.png",
            "gtFine/train/sceneb/sceneb_000001_000019_gtFine_polygons.json",
            "gtFine/train/sceneb/sceneb_000001_000019_gtFine_labelIds.png",
            "gtFine/train/sceneb/sceneb_000001_000019_gtFine_instanceIds.png",
            "gtFine/val/scenec/scenec_000000_000019_gtFine_polygons.json",
            "gtFine/val/scenec/scenec_000000_000019_gtFine_labelIds.png",
            "gtFine/val/scenec/scenec_000000_000019_gtFine_instanceIds.png");
    assertThat(told).containsExactly(1, 2, 3);
  }

  @Test
  void draw_whenOptionsAreTheSame_givesTheSameBytes() throws Exception {
    SceneWriter.draw(folder.resolve("a"), SMALL, n -> {});
    SceneWriter.draw(folder.resolve("b"), SMALL, n -> {});
    assertThat(digests(folder.resolve("b"))).isEqualTo(digests(folder.resolve("a")));
  }

  @Test
  void draw_whenMoreAreAskedFor_keepsTheFirstOnes() throws Exception {
    SceneWriter.draw(folder.resolve("a"), SMALL, n -> {});
    SceneWriter.draw(folder.resolve("b"), new SceneOptions(3, 2, 1, 64, 128), n -> {});
    assertThat(digests(folder.resolve("b"))).containsAllEntriesOf(digests(folder.resolve("a")));
  }

  @Test
  void draw_whenSeedDiffers_givesOtherBytesEverywhere() throws Exception {
    SceneWriter.draw(folder.resolve("a"), SMALL, n -> {});
    SceneWriter.draw(folder.resolve("b"), new SceneOptions(2, 1, 2, 64, 128), n -> {});
    assertThat(digests(folder.resolve("b")).values())
        .doesNotContainAnyElementsOf(digests(folder.resolve("a")).values());
  }

  @Test
  void draw_whenFolderIsEmpty_fillsIt() throws Exception {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    SceneWriter.draw(empty, SMALL, n -> {});
    assertThat(empty.resolve("leftImg8bit")).isDirectory();
  }

  @Test
  void draw_whenFolderHoldsSomething_refusesAndLeavesIt() throws Exception {
    Path full = Files.createDirectory(folder.resolve("full"));
    Files.writeString(full.resolve("mine.txt"), "mine");
    assertThatThrownBy(() -> SceneWriter.draw(full, SMALL, n -> {}))
        .isInstanceOf(ScenesException.class)
        .hasMessageContaining(full.toString())
        .hasMessageContaining("not empty");
    assertThat(full.resolve("mine.txt")).hasContent("mine");
  }

  @Test
  void draw_whenFolderIsAFile_refuses() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThatThrownBy(() -> SceneWriter.draw(file, SMALL, n -> {}))
        .isInstanceOf(ScenesException.class)
        .hasMessageContaining("it is a file");
  }

  @Test
  void draw_whenStopped_leavesNothingBehind() throws Exception {
    assertThatThrownBy(
            () ->
                SceneWriter.draw(
                    folder.resolve("scenes"),
                    SMALL,
                    n -> {
                      throw new IllegalStateException("stopped");
                    }))
        .hasMessage("stopped");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void scene_whenDrawn_hasLabelIdsThatItsPolygonsGive() throws Exception {
    for (long seed = 0; seed < 6; seed++) {
      Scene scene = Scene.draw(96, 192, seed);
      GreyImage labelIds = ImageCodec.decodeGrey(scene.labelIds(), "labelIds");
      assertThat(LabelImages.drawIds(scene.polygons(), "polygons").pixels())
          .as("scene %d", seed)
          .isEqualTo(labelIds.pixels());
    }
  }

  @Test
  void scene_whenDrawn_isAnRgbPictureWithA16BitInstanceImage() throws Exception {
    Scene scene = Scene.draw(40, 90, 3);
    RgbImage image = ImageCodec.decodeRgb(scene.image(), "image");
    assertThat(image.height()).isEqualTo(40);
    assertThat(image.width()).isEqualTo(90);
    PngHeader instances = PngFile.check(scene.instanceIds(), "instanceIds");
    assertThat(instances.format()).isEqualTo("16-bit grey");
    assertThat(instances.height()).isEqualTo(40);
    assertThat(instances.width()).isEqualTo(90);
  }

  @Test
  void scene_whenDrawn_hasInstancesOfTheClassesThatHaveThem() throws Exception {
    Scene scene = Scene.draw(96, 192, 4);
    byte[] labelIds = ImageCodec.decodeGrey(scene.labelIds(), "labelIds").pixels();
    Raster instances = ImageIO.read(new ByteArrayInputStream(scene.instanceIds())).getRaster();
    Set<Integer> cars = new TreeSet<>();
    for (int i = 0; i < labelIds.length; i++) {
      int instance = instances.getSample(i % 192, i / 192, 0);
      boolean single = CityscapesLabels.ofId(labelIds[i]).orElseThrow().hasInstances();
      assertThat(single ? instance / 1000 : instance).isEqualTo(labelIds[i]);
      if (labelIds[i] == 26) {
        cars.add(instance);
      }
    }
    assertThat(cars).hasSizeGreaterThan(1);
  }

  @Test
  void scenes_whenTheDefaultNumberIsDrawn_showAllClassesAndTheLargeOnesNearlyAlways()
      throws Exception {
    int scenes = 64;
    Map<String, Integer> shown = new TreeMap<>();
    for (long seed = 0; seed < scenes; seed++) {
      boolean[] present = new boolean[256];
      byte[] ids =
          ImageCodec.decodeGrey(Scene.draw(128, 256, SceneRandom.mix(seed)).labelIds(), "ids")
              .pixels();
      for (byte id : ids) {
        present[id] = true;
      }
      for (Label label : CityscapesLabels.all()) {
        if (label.id() >= 0 && present[label.id()]) {
          shown.merge(label.name(), 1, Integer::sum);
        }
      }
    }
    for (int i = 0; i < CityscapesLabels.VOID_CLASS; i++) {
      assertThat(shown).containsKey(CityscapesLabels.ofClass(i).name());
    }
    for (String large :
        List.of("road", "sidewalk", "building", "vegetation", "sky", "car", "terrain")) {
      assertThat(shown.get(large)).as(large).isGreaterThan(scenes * 9 / 10);
    }
    assertThat(shown.get("ego vehicle")).isEqualTo(scenes);
  }

  private static Map<String, String> digests(Path root) throws Exception {
    Map<String, String> digests = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        digests.put(root.relativize(file).toString(), Digest.of(file).hex());
      }
    }
    return digests;
  }
}
