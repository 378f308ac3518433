package io.cityseg.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.store.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a job sends to a cluster that has some of it. */
class StagedJarsTest {
  private static final MasterAddress MASTER = new MasterAddress("flink", 8081);

  @TempDir Path folder;

  @Test
  void of_whenLibHasAll_sendsAnEmptyJar() throws Exception {
    Path own = jar("cityseg-stages-0.1.0.jar", "ours");

    StagedJars staged =
        staged(
            List.of(own, jar("api-0.35.1.jar", "")),
            "api-0.35.1.jar",
            "cityseg-stages-0.1.0-" + digest(own) + ".jar");

    assertThat(staged.files()).isEmpty();
    assertThat(staged.names()).hasSize(1);
    try (ZipFile empty = new ZipFile(staged.names().get(0))) {
      assertThat(empty.stream()).allMatch(entry -> entry.getName().startsWith("META-INF"));
    }
  }

  @Test
  void of_whenOneOfOurJarsIsAnother_sendsAllOfOurs() throws Exception {
    Path stages = jar("cityseg-stages-0.1.0.jar", "ours");
    Path proto = jar("cityseg-proto-0.1.0.jar", "messages");

    StagedJars staged =
        staged(
            List.of(stages, proto),
            "cityseg-stages-0.1.0-" + digest(stages) + ".jar",
            "cityseg-proto-0.1.0-000000000000.jar");

    assertThat(staged.files()).containsExactly(stages, proto);
    assertThat(staged.bytes()).isEqualTo("oursmessages".length());
  }

  @Test
  void of_whenLibLacksALibrary_sendsIt() throws Exception {
    Path snakeyaml = jar("snakeyaml-2.4.jar", "yaml");

    assertThat(staged(List.of(snakeyaml), "other-1.0.jar").files()).containsExactly(snakeyaml);
  }

  @Test
  void of_whenLibLacksNativesOrHasAnotherBeam_saysWhichJars() throws Exception {
    List<Path> classPath =
        List.of(
            jar("opencv-4.9.0-0.jar", ""),
            jar("beam-sdks-java-core-2.70.0.jar", ""),
            jar("pytorch-native-cpu-2.7.1-linux-x86_64.jar", ""));

    assertThatThrownBy(() -> staged(classPath, "beam-sdks-java-core-2.62.0.jar"))
        .isInstanceOf(FlinkMasterException.class)
        .hasMessageContaining("flink:8081")
        .hasMessageContaining("lacks beam-sdks-java-core-2.70.0.jar, opencv-4.9.0-0.jar, which");
  }

  @Test
  void of_whenNativesAreOfAnotherFlavour_sendsNone() throws Exception {
    assertThat(
            staged(
                    List.of(jar("pytorch-native-cpu-2.7.1-linux-x86_64.jar", "")),
                    "pytorch-native-cu128-2.7.1-linux-x86_64.jar")
                .files())
        .isEmpty();
  }

  @Test
  void of_whenClusterIsTheOfficialDistribution_sendsNothingOfFlink() throws Exception {
    assertThat(staged(List.of(jar("flink-core-1.19.3.jar", "")), "flink-dist-1.19.3.jar").files())
        .isEmpty();
  }

  private static StagedJars staged(List<Path> classPath, String... libraries)
      throws FlinkMasterException {
    return StagedJars.of(
        classPath, new FlinkMaster.Cluster("1.19.3", 1, 1, Set.of(libraries)), MASTER);
  }

  private Path jar(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private static String digest(Path jar) throws IOException {
    return Digest.of(Files.readString(jar).getBytes(StandardCharsets.UTF_8)).hex().substring(0, 12);
  }
}
