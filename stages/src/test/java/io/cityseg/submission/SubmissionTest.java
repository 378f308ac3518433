package io.cityseg.submission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.PixelSize;
import io.cityseg.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubmissionTest {
  @TempDir Path folder;
  private Path city;

  @BeforeEach
  void makeImages() throws Exception {
    city = folder.resolve("leftImg8bit/test/berlin");
    Files.createDirectories(city);
    for (int i = 0; i < 3; i++) {
      write(city.resolve("berlin_00000%d_000019_leftImg8bit.png".formatted(i)), image(4, 6));
    }
  }

  @Test
  void of_theTestSplit_wantsWhatTheBenchmarkWants() {
    SplitRequirement test = SplitRequirement.of("test", Optional.empty(), Optional.empty());
    assertThat(test.images()).contains(1525);
    assertThat(test.size()).contains(new PixelSize(1024, 2048));
    assertThat(SplitRequirement.of("val", Optional.empty(), Optional.empty()))
        .isEqualTo(new SplitRequirement("val", Optional.empty(), Optional.empty()));
    assertThat(problems(test))
        .hasSize(4)
        .anyMatch(
            problem -> problem.contains("is 4x6 pixels (height x width); it must be 1024x2048"))
        .anyMatch(problem -> problem.contains("has 3 images"))
        .anyMatch(problem -> problem.contains("(must be 1525)"));
  }

  @Test
  void open_whenAllIsWell_findsTheImages() throws Exception {
    Files.writeString(city.resolve("README.txt"), "no picture");
    assertThat(Submission.open(List.of(folder), tiny(), done -> {}).images()).isEqualTo(3);
  }

  @Test
  void open_whenFilesAreWrong_listsThemAll() throws Exception {
    Path whole = city.resolve("berlin_000001_000019_leftImg8bit.png");
    Files.write(whole, Arrays.copyOf(Files.readAllBytes(whole), 40));
    write(city.resolve("berlin_000002_000019_leftImg8bit.png"), image(4, 7));
    write(city.resolve("bonn_000003_000019_leftImg8bit.png"), image(4, 6));
    write(city.resolve("berlin_000004_000019.png"), image(4, 6));
    write(
        city.resolve("berlin_000005_000019_leftImg8bit.png"),
        ImageCodec.encodePng(new GreyImage(4, 6, new byte[24])));
    Path labels = Files.createDirectories(folder.resolve("gtFine/test/berlin"));
    Files.writeString(labels.resolve("berlin_000009_000019_gtFine_polygons.json"), "{}");

    assertThat(problems(tiny()))
        .hasSize(7)
        .anyMatch(problem -> problem.contains("berlin_000001") && problem.contains("truncated"))
        .anyMatch(problem -> problem.contains("berlin_000002") && problem.contains("is 4x7 pixels"))
        .anyMatch(problem -> problem.contains("bonn_000003") && problem.contains("city's folder"))
        .anyMatch(problem -> problem.contains("berlin_000004_000019.png is not named"))
        .anyMatch(problem -> problem.contains("berlin_000005") && problem.contains("8-bit grey"))
        .anyMatch(problem -> problem.contains("has no image berlin_000009_000019_leftImg8bit.png"))
        .anyMatch(problem -> problem.contains("has 4 images") && problem.contains("(must be 3)"));
  }

  @Test
  void open_whenThereIsNoSuchSplit_saysSo() {
    assertThat(problems(new SplitRequirement("val", Optional.empty(), Optional.empty())))
        .singleElement()
        .asString()
        .contains("the split 'val' has 0 images")
        .contains("must be at least 1");
  }

  private static SplitRequirement tiny() {
    return new SplitRequirement("test", Optional.of(3), Optional.of(new PixelSize(4, 6)));
  }

  private List<String> problems(SplitRequirement required) {
    return catchThrowableOfType(
            SubmissionException.class, () -> Submission.open(List.of(folder), required, done -> {}))
        .problems();
  }

  private static void write(Path file, byte[] content) throws IOException {
    Files.write(file, content);
  }

  private static byte[] image(int height, int width) {
    return ImageCodec.encodePng(new RgbImage(height, width, new byte[height * width * 3]));
  }
}
