package io.cityseg.augment;

import io.cityseg.image.GreyImage;
import io.cityseg.image.Resize;
import io.cityseg.image.RgbImage;
import io.cityseg.image.Window;
import io.cityseg.proto.TrainConfig;

/**
 * The training transform of mmsegmentation's Cityscapes configuration
 * (configs/_base_/datasets/cityscapes.py), but for the flip: a random scale with the aspect ratio
 * kept, a crop, photometric distortion. What is missing to a full crop is padded where the batch is
 * made, because the original pads after normalising. Thread-safe.
 *
 * @param cropHeight rows of the crop; 0: no crop
 * @param cropWidth columns of the crop; 0: no crop
 * @param scaleMin smallest scale, of the size that the examples have
 * @param scaleMax largest scale
 * @param maxClassShare see {@link RandomCrop}
 * @param photometric whether colours are distorted
 */
public record Augmentation(
    int cropHeight,
    int cropWidth,
    double scaleMin,
    double scaleMax,
    double maxClassShare,
    boolean photometric) {
  /** What leaves every example as it is. */
  public static final Augmentation NONE = new Augmentation(0, 0, 1, 1, 1, false);

  public Augmentation {
    if (cropHeight < 0 || cropWidth < 0 || (cropHeight == 0) != (cropWidth == 0)) {
      throw new IllegalArgumentException(
          "train.crop_width %d and train.crop_height %d (both must be set, or both be 0 for no crop)"
              .formatted(cropWidth, cropHeight));
    }
    if (!(scaleMin > 0 && scaleMin <= scaleMax && scaleMax <= 16)) {
      throw new IllegalArgumentException(
          "train.scale_min %s and train.scale_max %s (must be above 0, the smaller first, and at most 16)"
              .formatted(scaleMin, scaleMax));
    }
    if ((scaleMin != 1 || scaleMax != 1) && cropHeight == 0) {
      throw new IllegalArgumentException(
          "train.scale_min %s and train.scale_max %s without a crop (the images of a batch must have one size: set train.crop_height and train.crop_width, or both scales to 1)"
              .formatted(scaleMin, scaleMax));
    }
    if (!(maxClassShare > 0 && maxClassShare <= 1)) {
      throw new IllegalArgumentException(
          "train.crop_max_class_share %s (must be above 0, at most 1)".formatted(maxClassShare));
    }
  }

  /**
   * What a configuration asks for.
   *
   * @throws IllegalArgumentException when its parameters do not fit together
   */
  public static Augmentation of(TrainConfig train) {
    return new Augmentation(
        train.getCropHeight(),
        train.getCropWidth(),
        train.getScaleMin(),
        train.getScaleMax(),
        train.getCropMaxClassShare(),
        train.getPhotometricDistortion());
  }

  /** Whether examples stay as they are. */
  public boolean isNone() {
    return cropHeight == 0 && !photometric;
  }

  /** Rows of every example in a batch, for examples of a height. */
  public int height(int exampleHeight) {
    return cropHeight == 0 ? exampleHeight : cropHeight;
  }

  /** Columns of every example in a batch, for examples of a width. */
  public int width(int exampleWidth) {
    return cropWidth == 0 ? exampleWidth : cropWidth;
  }

  /**
   * Augments an example.
   *
   * @param random the example's own in this epoch, at its beginning
   * @return at most as large as the crop; smaller where the scaled picture is
   */
  public LabelledImage apply(LabelledImage example, RandomStream random) {
    LabelledImage cropped = cropHeight == 0 ? example : cropped(example, random);
    return photometric
        ? new LabelledImage(
            PhotometricDistortion.draw(random).apply(cropped.image()), cropped.label())
        : cropped;
  }

  private LabelledImage cropped(LabelledImage example, RandomStream random) {
    ScaledSize size =
        ScaledSize.of(example.height(), example.width(), random.nextDouble(scaleMin, scaleMax));
    GreyImage label = Resize.nearest(example.label(), size.height(), size.width());
    Window window = new RandomCrop(cropHeight, cropWidth, maxClassShare).draw(label, random);
    RgbImage image = Resize.bilinear(example.image(), size.height(), size.width(), window);
    return new LabelledImage(image, window.of(label));
  }
}
