package io.cityseg.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.image.GreyImage;
import io.cityseg.image.RgbImage;
import io.cityseg.image.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  private static final Augmentation RECIPE = new Augmentation(16, 32, 0.5, 2, 0.75, true);

  @Test
  void apply_withTheSameStream_givesTheSameBytes() {
    LabelledImage example = example(32, 64);
    assertThat(RECIPE.apply(example, stream(3))).isEqualTo(RECIPE.apply(example, stream(3)));
    assertThat(RECIPE.apply(example, stream(4))).isNotEqualTo(RECIPE.apply(example, stream(3)));
  }

  @Test
  void apply_whateverTheScale_cutsImageAndLabelAtTheSamePlace() {
    // Every label's pixel says the brightness that the image has there, on flat halves.
    var augmentation = new Augmentation(8, 8, 0.5, 2, 1, false);
    for (int item = 0; item < 50; item++) {
      LabelledImage crop = augmentation.apply(halves(32, 64), stream(item));
      assertThat(crop.height()).isEqualTo(8);
      int differing = 0;
      for (int i = 0; i < crop.label().pixels().length; i++) {
        int red = crop.image().pixels()[3 * i] & 0xFF;
        differing += red == (crop.label().pixels()[i] == 0 ? 0 : 200) ? 0 : 1;
      }
      assertThat(differing).as("pixels on the border of the halves").isLessThanOrEqualTo(16);
    }
  }

  @Test
  void apply_whenTheScaledPictureIsSmallerThanTheCrop_givesAllOfIt() {
    LabelledImage crop =
        new Augmentation(64, 64, 0.5, 0.5, 1, false).apply(example(32, 64), stream(1));
    assertThat(List.of(crop.height(), crop.width())).containsExactly(16, 32);
  }

  @Test
  void apply_withoutCropScaleAndDistortion_keepsTheExample() {
    LabelledImage example = example(8, 8);
    assertThat(Augmentation.NONE.isNone()).isTrue();
    assertThat(Augmentation.NONE.apply(example, stream(1))).isSameAs(example);
  }

  @Test
  void draw_overManyItems_reachesEveryPartOfTheRange() {
    List<PhotometricDistortion> drawn = new ArrayList<>();
    for (int item = 0; item < 4000; item++) {
      drawn.add(PhotometricDistortion.draw(stream(item)));
    }
    assertThat(drawn.stream().filter(d -> d.brightness().isPresent()).count())
        .isBetween(1850L, 2150L);
    assertThat(drawn.stream().filter(PhotometricDistortion::contrastFirst).count())
        .isBetween(1850L, 2150L);
    assertThat(drawn.stream().flatMapToDouble(d -> d.brightness().stream()).summaryStatistics())
        .satisfies(
            values -> {
              assertThat(values.getMin()).isBetween(-32.0, -31.5);
              assertThat(values.getMax()).isBetween(31.5, 32.0);
            });
    assertThat(drawn.stream().flatMapToInt(d -> d.hue().stream()).summaryStatistics())
        .satisfies(
            values -> {
              assertThat(values.getMin()).isEqualTo(-18);
              assertThat(values.getMax()).isEqualTo(17);
            });
  }

  @Test
  void crop_whenOneClassFillsAWindow_drawsAnother() {
    // Three quarters are one class; the window that straddles the border has two in equal parts.
    GreyImage label = halves(8, 64).label();
    var crop = new RandomCrop(8, 16, 0.75);
    Set<Integer> accepted = new HashSet<>();
    for (int item = 0; item < 200; item++) {
      Window window = crop.draw(label, stream(item));
      if (crop.varied(label, window)) {
        accepted.add(item);
      }
    }
    // One of 49 places in 7 is good; eleven draws find one nearly always.
    assertThat(accepted).hasSizeGreaterThan(140);
    assertThat(crop.varied(label, new Window(0, 0, 8, 16))).isFalse();
    assertThat(crop.varied(label, new Window(0, 24, 8, 16))).isTrue();
    assertThat(crop.varied(label, new Window(0, 20, 8, 16)))
        .as("the share itself is too much")
        .isFalse();
  }

  @Test
  void varied_whenAllButOneClassIsVoid_isFalse() {
    byte[] pixels = new byte[64];
    Arrays.fill(pixels, 0, 32, (byte) 255);
    GreyImage label = new GreyImage(8, 8, pixels);
    assertThat(new RandomCrop(8, 8, 0.75).varied(label, Window.whole(8, 8))).isFalse();
  }

  @Test
  void new_whenSettingsDoNotFit_saysWhich() {
    assertThatThrownBy(() -> new Augmentation(0, 32, 1, 1, 1, false))
        .hasMessage(
            "train.crop_width 32 and train.crop_height 0 (both must be set, or both be 0 for no crop)");
    assertThatThrownBy(() -> new Augmentation(16, 32, 2, 0.5, 1, false))
        .hasMessageContaining("train.scale_min 2.0 and train.scale_max 0.5");
    assertThatThrownBy(() -> new Augmentation(0, 0, 0.5, 2, 1, false))
        .hasMessageContaining("without a crop");
    assertThatThrownBy(() -> new Augmentation(16, 32, 1, 1, 0, false))
        .hasMessageContaining("train.crop_max_class_share 0.0");
  }

  private static RandomStream stream(int item) {
    return new RandomStream(42, "augment", 1, item);
  }

  private static LabelledImage example(int height, int width) {
    byte[] pixels = new byte[3 * height * width];
    byte[] label = new byte[height * width];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 31 + i / 7);
    }
    for (int i = 0; i < label.length; i++) {
      label[i] = (byte) (i % 19);
    }
    return new LabelledImage(
        new RgbImage(height, width, pixels), new GreyImage(height, width, label));
  }

  /** Left half: class 0, black. Right half: class 1, bright. */
  private static LabelledImage halves(int height, int width) {
    byte[] pixels = new byte[3 * height * width];
    byte[] label = new byte[height * width];
    for (int i = 0; i < label.length; i++) {
      boolean right = i % width >= width / 2;
      label[i] = (byte) (right ? 1 : 0);
      for (int channel = 0; channel < 3; channel++) {
        pixels[3 * i + channel] = (byte) (right ? 200 : 0);
      }
    }
    return new LabelledImage(
        new RgbImage(height, width, pixels), new GreyImage(height, width, label));
  }
}
