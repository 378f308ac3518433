package io.cityseg.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.image.ImageCodec;
import io.cityseg.image.RgbImage;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.stage.StageException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureSectionTest {
  private static final List<String> IDS = List.of("frankfurt_000000_000019", "lindau_1<b>");

  @TempDir Path folder;

  @Test
  void html_whenPredictionsAreKept_showsImageTruthAndBothPredictions() throws Exception {
    ParsedPage page = page(new MadeUpPictures(36, 64));

    assertThat(page.attributes("img", "alt"))
        .hasSize(8)
        .startsWith(
            "The image frankfurt_000000_000019",
            "Ground truth of frankfurt_000000_000019: road 41 %, building 38 %, sky 12 %")
        .anyMatch(alt -> alt.startsWith("Prediction of baseline for lindau_1<b>: car "))
        .anyMatch(alt -> alt.startsWith("Prediction of epoch 6 for lindau_1<b>: "));
    assertThat(page.texts("figcaption"))
        .contains("image", "ground truth", "baseline: mIoU 2.5 %", "epoch 6: mIoU 47.5 %");
    assertThat(page.texts("h2")).contains("Predictions");
  }

  @Test
  void html_whenPredictionsAreKept_paintsClassesInTheirColours() throws Exception {
    ParsedPage page = page(new MadeUpPictures(36, 64));

    RgbImage baseline = picture(page, 2);

    int car = CityscapesLabels.classColor(13);
    assertThat(List.of(baseline.pixels()[0], baseline.pixels()[1], baseline.pixels()[2]))
        .containsExactly((byte) (car >> 16), (byte) (car >> 8), (byte) car);
    assertThat(baseline.pixels()[baseline.pixels().length - 1]).as("void is black").isZero();
  }

  @Test
  void html_whenPicturesAreWide_makesThemSmaller() throws Exception {
    ParsedPage page = page(new MadeUpPictures(20, 1024));

    assertThat(page.attributes("img", "width")).containsOnly("512");
    assertThat(page.attributes("img", "height")).containsOnly("10");
    assertThat(picture(page, 0).width()).isEqualTo(512);
    assertThat(picture(page, 1).width()).isEqualTo(512);
  }

  @Test
  void run_whenAPredictionIsForAnImageOutsideTheSplit_namesTheImage() throws Exception {
    MadeUpPictures pictures = new MadeUpPictures(4, 8);
    MadeUpRun run = run(pictures);
    EvaluationManifest.Builder evaluation =
        run.evaluation("epoch 7", 0.99)
            .addPredictions(
                MadeUpRun.prediction("elsewhere", pictures.prediction(run.store(), "x", 0)));
    run.withCheckpoint("epoch 7", evaluation);

    assertThatThrownBy(run::report)
        .isInstanceOf(StageException.class)
        .hasMessageContaining("image 'elsewhere': no shard of the val split has that image");
  }

  @Test
  void run_whenAPredictionHasAnotherSize_namesBothSizes() throws Exception {
    assertThatThrownBy(() -> reportWithPrediction(new MadeUpPictures(2, 2), new byte[4]))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("it is 2x2 pixels (must be 4x8, the image's size)");
  }

  @Test
  void run_whenAPredictionHasAPixelOfNoClass_namesTheValue() throws Exception {
    byte[] classes = new byte[4 * 8];
    classes[5] = (byte) 255;

    assertThatThrownBy(() -> reportWithPrediction(new MadeUpPictures(4, 8), classes))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("it has a pixel of class 255 (must be 0 to 19)");
  }

  private void reportWithPrediction(MadeUpPictures pictures, byte[] classes) throws Exception {
    MadeUpRun run = run(new MadeUpPictures(4, 8));
    ArtifactRef png = pictures.png(run.store(), classes);
    run.withCheckpoint(
        "epoch 7",
        run.evaluation("epoch 7", 0.99).addPredictions(MadeUpRun.prediction(IDS.get(0), png)));
    run.report();
  }

  private ParsedPage page(MadeUpPictures pictures) throws Exception {
    MadeUpRun run = run(pictures);
    return ParsedPage.parse(run.store().read(run.report().getHtml()));
  }

  private MadeUpRun run(MadeUpPictures pictures) throws Exception {
    return new MadeUpRun(folder).withPictures(pictures, IDS);
  }

  private static RgbImage picture(ParsedPage page, int index) throws Exception {
    String source = page.attributes("img", "src").get(index);
    byte[] png = Base64.getDecoder().decode(source.substring(source.indexOf(',') + 1));
    return ImageCodec.decodeRgb(png, "picture " + index);
  }
}
