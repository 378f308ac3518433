package io.cityseg.labels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CityscapesLabelsTest {
  @Test
  void all_whenListed_isTheOfficialTable() {
    assertThat(CityscapesLabels.all()).hasSize(35);
    assertThat(CityscapesLabels.all())
        .filteredOn(Label::hasInstances)
        .extracting(Label::name)
        .containsExactly(
            "person",
            "rider",
            "car",
            "truck",
            "bus",
            "caravan",
            "trailer",
            "train",
            "motorcycle",
            "bicycle");
    assertThat(CityscapesLabels.ofName("traffic light"))
        .hasValue(new Label(19, 6, "traffic light", "object", false, 0xfaaa1e));
    assertThat(CityscapesLabels.ofName("license plate").orElseThrow().id()).isEqualTo(-1);
    for (int id = 0; id <= 33; id++) {
      assertThat(CityscapesLabels.ofId(id).orElseThrow().id()).isEqualTo(id);
    }
    assertThat(CityscapesLabels.ofId(34)).isEmpty();
    assertThat(CityscapesLabels.ofId(-1)).isEmpty();
  }

  @Test
  void className_whenEachClass_isTheTrainIdsName() {
    assertThat(IntStream.range(0, CityscapesLabels.CLASSES).mapToObj(CityscapesLabels::className))
        .containsExactly(
            "road",
            "sidewalk",
            "building",
            "wall",
            "fence",
            "pole",
            "traffic light",
            "traffic sign",
            "vegetation",
            "terrain",
            "sky",
            "person",
            "rider",
            "car",
            "truck",
            "bus",
            "train",
            "motorcycle",
            "bicycle",
            "void");
  }

  @Test
  void classIndex_whenVoid_is19() {
    assertThat(CityscapesLabels.classIndex(255)).isEqualTo(CityscapesLabels.VOID_CLASS);
    assertThat(CityscapesLabels.classIndex(18)).isEqualTo(18);
  }

  @Test
  void classIndex_whenNoTrainId_throws() {
    assertThatThrownBy(() -> CityscapesLabels.classIndex(19))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid trainId: 19 (must be 0 to 18, or 255 for void)");
  }

  @Test
  void classColor_whenRoadAndVoid_isThePalettes() {
    assertThat(CityscapesLabels.classColor(0)).isEqualTo(0x804080);
    assertThat(CityscapesLabels.classColor(19)).isZero();
  }
}
